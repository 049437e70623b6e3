//! Who is held to a rate.

use std::time::Duration;

use async_trait::async_trait;

use super::PortError;
use crate::RateLimit;

/// Holds callers to a rate, by the generic cell rate algorithm (ITU-T I.371).
///
/// # Contract
/// - Of any calls of `take` for one key and limit, also of concurrent ones, as many MUST be granted at once as the limit has calls
///   where none was taken before, and no more.
/// - What was not granted MUST be granted after [`Allowance::retry_after`], where nobody else takes it.
/// - [`Allowance::remaining`] MUST tell how many more would be granted at once.
/// - Keys, and limits of one key, MUST NOT affect each other.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Takes one call for `key`, or tells how long to wait for it.
    async fn take(&self, key: &str, limit: RateLimit) -> Result<Allowance, PortError>;
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How long to wait for the call; nothing where it may be made.
    pub retry_after: Option<Duration>,
    /// How many more calls may be made at once.
    pub remaining: u32,
    /// After what time all calls may be made at once again.
    pub full_in: Duration,
}
