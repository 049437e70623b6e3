//! The one error that every port answers with.

use std::error::Error;
use std::time::Duration;
use std::{fmt, iter};

/// What a caller can do about a failed call to an outside system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortErrorKind {
    /// What is stored stands against it: something else holds the name or key, or needs what is to go.
    Conflict,
    /// Somebody changed the thing since it was read: read it again.
    Stale,
    /// The system understood the request and refuses it: the same request will be refused again.
    Rejected,
    /// Too many calls: come back after [`PortError::retry_after`].
    RateLimited,
    /// The system cannot be reached or is overloaded: try again later.
    Unavailable,
    /// The system has no room for more: what is stored can be read, and somebody has to make room.
    Full,
    /// No answer in time; whether the call took effect is not known.
    Timeout,
    /// The system lets nobody in with the key, or at the address, that it is called with: whoever set them has to mend them.
    Denied,
    /// What the system holds or answered cannot be understood.
    Corrupt,
    /// A fault that nobody foresaw.
    Unexpected,
}

impl PortErrorKind {
    /// Whether the same call may succeed later without anybody mending anything.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable | Self::Timeout)
    }
}

/// The failure of one call through a port.
///
/// `Display` says what failed, never why: the cause is [`source`](Error::source), and [`Chain`] tells both.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed: {}", .kind.described())]
pub struct PortError {
    /// What the caller can do.
    pub kind: PortErrorKind,
    /// The port's method, such as `ads.update`.
    pub operation: &'static str,
    /// When another attempt makes sense, where the system said so.
    pub retry_after: Option<Duration>,
    /// The cause, as the adapter met it.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl PortError {
    /// A failure of `operation` with nothing further known.
    pub fn new(kind: PortErrorKind, operation: &'static str) -> Self {
        Self { kind, operation, retry_after: None, source: None }
    }

    /// The same failure with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same failure with the moment from which another attempt makes sense.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl PortErrorKind {
    fn described(self) -> &'static str {
        match self {
            Self::Conflict => "it conflicts with what is stored",
            Self::Stale => "it was changed by somebody else in the meantime",
            Self::Rejected => "it was refused",
            Self::RateLimited => "too many calls",
            Self::Unavailable => "the system behind it is not available",
            Self::Full => "there is no room left",
            Self::Timeout => "no answer in time",
            Self::Denied => "the key or the address is refused",
            Self::Corrupt => "the answer could not be understood",
            Self::Unexpected => "an unexpected fault",
        }
    }
}

/// An error with everything behind it in one line, each after a colon: what a log or an operator should see of it.
///
/// Formatting an error by itself tells what failed and hides why; log formats differ in whether they ask for its causes.
///
/// ```
/// use adstead_domain::port::{Chain, PortError, PortErrorKind};
///
/// let error = PortError::new(PortErrorKind::Unavailable, "files.put").with_source("connection refused");
/// assert_eq!(
///     Chain(&error).to_string(),
///     "files.put failed: the system behind it is not available: connection refused"
/// );
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        write!(f, "{error}")?;
        iter::successors(error.source(), |&cause| cause.source()).try_for_each(|cause| write!(f, ": {cause}"))
    }
}
