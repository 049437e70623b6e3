//! Who writes ad copy: a language model, or the built-in writer.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Listener, Payer, PortError};
use crate::ad::AdCopy;
use crate::generation::Brief;
use crate::platform::{CopyField, CopyLimits};

/// Writes ad copy from a brief.
///
/// What it writes is a proposal: the caller checks each line against the platform's limits and asks again for those
/// that fail.
///
/// # Contract
/// - `write` MUST answer as many copies as `request.brief.variants` says, or fewer where no more came that can be used, but one at
///   least; each with at least one headline and one description.
/// - `rewrite` MUST answer exactly one line for each of `request.lines`, in their order.
/// - Both MUST name in [`Usage`] the provider and model that wrote, also after a fallback.
/// - Both MUST answer, or fail, within the deadline of the call.
/// - Both MUST tell the listener, where there is one, who begins to write and then what is written, before they answer; what
///   they answer MUST be in the text that they told last.
/// - Neither may ask another provider once it told a text.
/// - Both MUST refuse a provider that they do not know with `Rejected`, and an [`UnknownProvider`] as its source.
#[async_trait]
pub trait CopyWriter: Send + Sync {
    /// Writes all variants of a brief.
    async fn write(&self, request: &CopyRequest) -> Result<Written<Vec<AdCopy>>, PortError>;

    /// Writes single lines again that broke a rule.
    async fn rewrite(&self, request: &RewriteRequest) -> Result<Written<Vec<String>>, PortError>;
}

/// A wish for new copy.
#[derive(Debug, Clone)]
pub struct CopyRequest {
    /// What is wanted.
    pub brief: Brief,
    /// How many headlines each variant should have.
    pub headlines: usize,
    /// How many descriptions each variant should have.
    pub descriptions: usize,
    /// What the platform allows.
    pub limits: &'static CopyLimits,
    /// How it is asked for.
    pub call: ModelCall,
}

/// A wish for better lines in the place of some that failed.
#[derive(Debug, Clone)]
pub struct RewriteRequest {
    /// What was wanted.
    pub brief: Brief,
    /// What the platform allows.
    pub limits: &'static CopyLimits,
    /// The lines to write again.
    pub lines: Vec<FailedLine>,
    /// Lines of the same variants that stay, which the new ones must not repeat.
    pub taken: Vec<String>,
    /// How they are asked for.
    pub call: ModelCall,
}

impl RewriteRequest {
    /// Whether all these lines can be used in the places that they were asked for.
    pub fn is_met_by(&self, lines: &[String]) -> bool {
        let taken: HashSet<_> = self.taken.iter().map(|line| line.to_lowercase()).collect();
        let mut seen = HashSet::new();
        let is_met = |(failed, line): (&FailedLine, &String)| {
            let folded = line.to_lowercase();
            let is_new = !taken.contains(&folded) && seen.insert((failed.variant, folded));
            is_new && self.brief.fault_in(self.limits, failed.field, failed.index, line).is_none()
        };
        self.lines.len() == lines.len() && self.lines.iter().zip(lines).all(is_met)
    }
}

/// How something is asked for, whatever it is.
#[derive(Debug, Clone)]
pub struct ModelCall {
    /// The wish in words, for a language model.
    pub prompt: Prompt,
    /// The provider to use; nothing means the order of the settings.
    pub provider: Option<String>,
    /// Who pays for it.
    pub payer: Payer,
    /// The time until an answer is due.
    pub deadline: Duration,
    /// Who hears the answer while it is being written.
    pub listener: Option<Listener>,
    /// Whether an answer that was given to the same wish before will not do.
    pub fresh: bool,
}

/// The provider that was named is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no provider {name:?}: use one of {}", .known.join(", "))]
pub struct UnknownProvider {
    /// What was named.
    pub name: String,
    /// The names that there are, in the order of fallback.
    pub known: Vec<String>,
}

/// One line that broke a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedLine {
    /// Which variant, counted from 0.
    pub variant: usize,
    /// Headline or description.
    pub field: CopyField,
    /// Which of them, counted from 0.
    pub index: usize,
    /// The line as it was written; empty where it is missing.
    pub text: String,
    /// The rule that it broke, in words.
    pub fault: String,
}

/// The words given to a language model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Who it is and which rules hold.
    pub system: String,
    /// What is wanted this time. Text from a brief stands inside delimiters.
    pub user: String,
    /// The version of the text, such as `ad-copy.v1`.
    pub version: &'static str,
}

/// An answer and what it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written<T> {
    /// The answer.
    pub content: T,
    /// What it took.
    pub usage: Usage,
}

/// Who answered and at what cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The provider's name in the settings.
    pub provider: String,
    /// The model, as the provider names it.
    pub model: String,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Cost in micros of a US dollar; nothing where nobody knows it, which is another thing than nothing to pay.
    pub cost_micros: Option<i64>,
    /// Time spent waiting, in milliseconds.
    pub latency_ms: u64,
    /// Whether it was answered before, to the same wish: then it took nothing this time.
    pub cached: bool,
}
