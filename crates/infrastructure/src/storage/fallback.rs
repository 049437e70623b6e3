//! Reads that have a second store to turn to.

use std::sync::atomic::{AtomicU64, Ordering};

use adstead_domain::port::{Chain, FileContent, PortError, PortErrorKind};
use futures::{StreamExt, stream};

/// When the second store is asked, and how often it had the answer.
#[derive(Debug)]
pub(super) struct Fallback {
    is_survivable: fn(PortErrorKind) -> bool,
    count: AtomicU64,
}

impl Fallback {
    /// One that turns to the second store where the first holds nothing, or fails in a way that `is_survivable`.
    pub(super) fn new(is_survivable: fn(PortErrorKind) -> bool) -> Self {
        Self { is_survivable, count: AtomicU64::new(0) }
    }

    pub(super) fn is_survivable(&self, error: &PortError) -> bool {
        (self.is_survivable)(error.kind)
    }

    /// How often the second store had what the first had not.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Notes that the second store had the answer.
    pub(super) fn note(&self, failed: Option<&PortError>) {
        self.count.fetch_add(1, Ordering::Relaxed);
        if let Some(error) = failed {
            tracing::warn!(error = %Chain(error), "a file is read from the second storage, since the first failed");
        }
    }

    /// What `first` finds, or else `second`. That neither has it is the answer only where both say so.
    pub(super) async fn either<T>(
        &self,
        first: impl Future<Output = Result<Option<T>, PortError>>,
        second: impl Future<Output = Result<Option<T>, PortError>>,
    ) -> Result<Option<T>, PortError> {
        let failed = match first.await {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => None,
            Err(error) if self.is_survivable(&error) => Some(error),
            Err(error) => return Err(error),
        };
        match (second.await, failed) {
            (Ok(Some(found)), failed) => {
                self.note(failed.as_ref());
                Ok(Some(found))
            }
            (Ok(None) | Err(_), Some(failed)) => Err(failed),
            (outcome, None) => outcome,
        }
    }
}

/// What a `get` found, once its first bytes are there: until then another store can be asked.
pub(super) async fn begun(
    found: impl Future<Output = Result<Option<FileContent>, PortError>>,
) -> Result<Option<FileContent>, PortError> {
    let Some(mut found) = found.await? else { return Ok(None) };
    if let Some(first) = found.bytes.next().await {
        let first = first?;
        found.bytes = stream::iter([Ok(first)]).chain(found.bytes).boxed();
    }
    Ok(Some(found))
}
