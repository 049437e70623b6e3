use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use adstead_domain::RateLimit;
use adstead_domain::port::{Allowance, Clock, PortError, RateLimiter};
use async_trait::async_trait;
use jiff::Timestamp;

/// Holds callers to rates by a clock that tests move.
pub struct MemoryRateLimiter {
    clock: Arc<dyn Clock>,
    /// When all calls may be made at once again.
    full_at: Mutex<HashMap<(String, RateLimit), Timestamp>>,
}

impl MemoryRateLimiter {
    /// One that nobody took anything from.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, full_at: Mutex::default() }
    }
}

#[async_trait]
impl RateLimiter for MemoryRateLimiter {
    async fn take(&self, key: &str, limit: RateLimit) -> Result<Allowance, PortError> {
        let (now, share) = (self.clock.now(), limit.share());
        let until = |then: Timestamp| Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = full_at.entry((key.to_owned(), limit)).or_insert(now);
        let all = share * limit.calls.get();
        let used = until(*full_at) + share;
        if used > all {
            return Ok(Allowance { retry_after: Some(used - all), remaining: 0, full_in: until(*full_at) });
        }
        *full_at = now + used;
        let remaining = (all - used).as_nanos() / share.as_nanos();
        Ok(Allowance { retry_after: None, remaining: remaining as u32, full_in: used })
    }
}
