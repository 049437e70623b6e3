use std::error::Error;
use std::fmt;
use std::sync::Arc;

use adstead_domain::port::PortError;

/// A port's failure that several callers share, as each of them may pass it on: kind, operation and waiting time are the
/// same, and so is the chain of causes.
pub fn shared_failure(failure: Arc<PortError>) -> PortError {
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
