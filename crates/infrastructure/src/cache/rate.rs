use std::sync::Arc;

use adstead_domain::RateLimit;
use adstead_domain::port::{Allowance, PortError, RateLimiter};
use async_trait::async_trait;

use super::core::Core;
use crate::resilience::LocalRateLimiter;

/// Holds callers to rates over all processes that share a Redis, whose time counts.
///
/// While Redis is out of reach each process holds its own callers to them: rather a few calls too many than none.
pub struct SharedRateLimiter {
    pub(super) core: Arc<Core>,
    pub(super) local: LocalRateLimiter,
}

#[async_trait]
impl RateLimiter for SharedRateLimiter {
    async fn take(&self, key: &str, limit: RateLimit) -> Result<Allowance, PortError> {
        if let Some(redis) = &self.core.redis
            && let Some(allowance) = redis.take(key, limit).await
        {
            return Ok(allowance);
        }
        self.local.take(key, limit).await
    }
}
