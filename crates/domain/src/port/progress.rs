use std::fmt;
use std::sync::Arc;

/// What happens while copy is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Somebody begins an answer. What was written before belongs to an earlier one.
    Began {
        /// The provider's name in the settings.
        provider: &'a str,
        /// The model, as the settings name it.
        model: &'a str,
    },
    /// The next piece of the answer, in the writer's own form: lines, or the JSON that a model was asked for.
    Wrote(&'a str),
    /// Lines break a rule and are about to be written again.
    Repairing {
        /// How many.
        lines: usize,
    },
}

/// Hears how copy is being written; a clone is the same one.
///
/// It is told from within the writer's work, so it must not block.
#[derive(Clone)]
pub struct Listener(Arc<dyn Fn(Progress<'_>) + Send + Sync>);

impl Listener {
    /// A listener that does this with all that it hears.
    pub fn new(hear: impl Fn(Progress<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }

    /// Tells what happened.
    pub fn tell(&self, progress: Progress<'_>) {
        self.0(progress);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
