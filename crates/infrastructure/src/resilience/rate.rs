use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use adstead_domain::RateLimit;
use adstead_domain::port::{Allowance, PortError, RateLimiter};
use async_trait::async_trait;
use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter as Gcra};
use tokio::time::Instant;

/// Holds callers to rates within this process, by the generic cell rate algorithm (ITU-T I.371); other processes have rates of their own.
#[derive(Debug)]
pub struct LocalRateLimiter {
    clock: TokioClock,
    rates: RwLock<HashMap<RateLimit, Arc<Keyed>>>,
    takes: AtomicU32,
}

type Keyed = Gcra<String, HashMapStateStore<String>, TokioClock, StateInformationMiddleware>;

impl LocalRateLimiter {
    /// After so many calls, what nobody used for some time is forgotten.
    const SWEEP: u32 = 10_000;

    /// One that nobody took anything from.
    pub fn new() -> Self {
        Self { clock: TokioClock(Instant::now()), rates: RwLock::default(), takes: AtomicU32::new(0) }
    }

    fn rate(&self, limit: RateLimit) -> Arc<Keyed> {
        if let Some(rate) = self.rates.read().unwrap_or_else(PoisonError::into_inner).get(&limit) {
            return Arc::clone(rate);
        }
        let mut rates = self.rates.write().unwrap_or_else(PoisonError::into_inner);
        let rate = rates.entry(limit).or_insert_with(|| {
            Arc::new(Gcra::hashmap_with_clock(quota(limit), self.clock).with_middleware())
        });
        Arc::clone(rate)
    }
}

#[async_trait]
impl RateLimiter for LocalRateLimiter {
    async fn take(&self, key: &str, limit: RateLimit) -> Result<Allowance, PortError> {
        let rate = self.rate(limit);
        if self.takes.fetch_add(1, Ordering::Relaxed) % Self::SWEEP == Self::SWEEP - 1 {
            rate.retain_recent();
        }
        Ok(match rate.check_key(&key.to_owned()) {
            Ok(taken) => {
                let remaining = taken.remaining_burst_capacity();
                let used = limit.calls.get() - remaining.min(limit.calls.get());
                Allowance { retry_after: None, remaining, full_in: limit.share() * used }
            }
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                let full_in = wait + limit.share() * (limit.calls.get() - 1);
                Allowance { retry_after: Some(wait), remaining: 0, full_in }
            }
        })
    }
}

impl Default for LocalRateLimiter {
    fn default() -> Self {
        Self::new()
    }
}

fn quota(limit: RateLimit) -> Quota {
    Quota::with_period(limit.share()).expect("a share is longer than nothing").allow_burst(limit.calls)
}

/// tokio's time, which tests can move.
#[derive(Debug, Clone, Copy)]
struct TokioClock(Instant);

impl GovernorClock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn keys_that_nobody_uses_any_more_take_no_memory() {
        let (limiter, limit) = (LocalRateLimiter::new(), RateLimit::per_minute(NonZeroU32::MIN));
        for number in 1..LocalRateLimiter::SWEEP {
            limiter.take(&number.to_string(), limit).await.unwrap();
        }
        assert_eq!(limiter.rate(limit).len(), 9_999);
        advance(Duration::from_secs(121)).await; // A share of the rate beyond the one that the key had to wait.
        limiter.take("the last", limit).await.unwrap();
        assert_eq!(limiter.rate(limit).len(), 1);
    }
}
