use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{PortError, PortErrorKind};

/// Why a load brought nothing.
#[derive(Debug)]
pub enum LoadError<E> {
    /// It failed; all who waited for it share the failure.
    Failed(Arc<E>),
    /// It took longer than [`hard_timeout`](super::EntryOptions::hard_timeout), this long, and was given up.
    TimedOut(Duration),
}

impl<E> Clone for LoadError<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Failed(failure) => Self::Failed(Arc::clone(failure)),
            Self::TimedOut(after) => Self::TimedOut(*after),
        }
    }
}

impl<E: fmt::Display> fmt::Display for LoadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(f),
            Self::TimedOut(after) => write!(f, "the load took longer than {after:?} and was given up"),
        }
    }
}

impl<E: Error> Error for LoadError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(failure) => failure.source(),
            Self::TimedOut(_) => None,
        }
    }
}

impl LoadError<PortError> {
    /// The failure as a port's, to be passed on by `operation`: kind, waiting time and the chain of causes are kept.
    pub fn during(self, operation: &'static str) -> PortError {
        match self {
            Self::Failed(failure) => shared_failure(failure),
            Self::TimedOut(_) => PortError::new(PortErrorKind::Timeout, operation),
        }
    }
}

/// A port's failure that several callers share, as each of them may pass it on.
fn shared_failure(failure: Arc<PortError>) -> PortError {
    Arc::try_unwrap(failure).unwrap_or_else(|failure| {
        let error = PortError::new(failure.kind, failure.operation);
        let error = match failure.retry_after {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        };
        if failure.source.is_some() { error.with_source(SharedCause(failure)) } else { error }
    })
}

/// The cause of a shared failure, standing for itself in the chain.
#[derive(Debug)]
struct SharedCause(Arc<PortError>);

impl fmt::Display for SharedCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.source.as_ref().map_or(Ok(()), |cause| cause.fmt(f))
    }
}

impl Error for SharedCause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_ref().and_then(|cause| cause.source())
    }
}
