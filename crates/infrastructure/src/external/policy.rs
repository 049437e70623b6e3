use std::time::Duration;

use adstead_domain::RateLimit;

use crate::resilience::{Begun, BreakerPolicy, Deadline, RetryPolicy};

/// What calls to a service are held to.
///
/// ```
/// use std::time::Duration;
///
/// use adstead_infrastructure::external::ServicePolicy;
/// use adstead_infrastructure::resilience::RetryPolicy;
///
/// let policy = ServicePolicy {
///     attempt_timeout: Duration::from_secs(2),
///     retry: RetryPolicy::times(1),
///     ..ServicePolicy::default()
/// };
/// assert_eq!(policy.concurrency, 64);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePolicy {
    /// Calls that may be under way at once.
    pub concurrency: u32,
    /// Calls that may wait for one of these to end; those beyond are turned away.
    pub waiting: u32,
    /// How long a call may take, every attempt and every wait between them included.
    pub total_timeout: Duration,
    /// Whether and when a failed attempt is made again.
    pub retry: RetryPolicy,
    /// When the service is not called for some time, as it fails too often.
    pub breaker: BreakerPolicy,
    /// How many attempts may be made in a time, by all who share the manager's limiter.
    pub rate_limit: Option<RateLimit>,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
}

impl ServicePolicy {
    /// The same for calls that somebody else makes again where they fail: one attempt, within that time.
    #[must_use]
    pub fn once_within(self, time: Duration) -> Self {
        Self { attempt_timeout: time, total_timeout: time, retry: RetryPolicy::times(0), ..self }
    }
}

impl Default for ServicePolicy {
    /// What suits a service on the internet that answers within seconds: 64 calls at once and 256 that wait, 60 s in all and
    /// 30 s an attempt, two retries, no limit of the rate.
    fn default() -> Self {
        Self {
            concurrency: 64,
            waiting: 256,
            total_timeout: Duration::from_secs(60),
            retry: RetryPolicy::times(2),
            breaker: BreakerPolicy::default(),
            rate_limit: None,
            attempt_timeout: Duration::from_secs(30),
        }
    }
}

/// What a caller says of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// What is called for, as errors and logs name it, such as `copy_writer.write`.
    pub operation: &'static str,
    /// When the caller wants its answer.
    pub deadline: Deadline,
    /// Whether to wait and try again where the service has had too many calls. Who has another service to turn to does not.
    pub is_patient: bool,
}

impl Call {
    /// A call that waits for its service, as long as there is time.
    pub fn new(operation: &'static str, deadline: Deadline) -> Self {
        Self { operation, deadline, is_patient: true }
    }
}

/// An answer that comes in pieces, and is waited for no longer than until it has begun to, where it does not begin in time.
#[derive(Debug, Clone, Copy)]
pub struct Streaming<'a> {
    /// Whether it has.
    pub begun: &'a Begun,
    /// By when it must, if not sooner by the service's `attempt_timeout`.
    pub first: Deadline,
}
