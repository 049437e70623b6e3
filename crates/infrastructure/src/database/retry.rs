use std::time::{Duration, Instant};

use crate::resilience::{Deadline, RetryPolicy};

/// The waits between the attempts of one transaction, with full jitter, so that those who collided do not collide again.
pub(super) struct Backoff {
    retries_made: u32,
    begun: Instant,
    patience: Duration,
}

impl Backoff {
    const POLICY: RetryPolicy = RetryPolicy {
        retries: 8,
        first_wait: Duration::from_millis(5),
        longest_wait: Duration::from_millis(500),
    };

    /// The longest that attempts are worth making where the engine does not wait for a lock itself.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// Waits for a caller who waits up to `lock_timeout` for a lock: an attempt that used that time up is the last.
    pub(super) fn new(lock_timeout: Duration) -> Self {
        Self { retries_made: 0, begun: Instant::now(), patience: lock_timeout.max(Self::PATIENCE) }
    }

    /// The next wait, or nothing once it is time to give up: no attempt could begin before the caller's deadline.
    #[expect(clippy::disallowed_methods, reason = "a wait is no secret, and no result depends on it")]
    pub(super) fn next_wait(&mut self) -> Option<Duration> {
        if self.retries_made == Self::POLICY.retries || self.begun.elapsed() >= self.patience {
            return None;
        }
        let wait = Self::POLICY.wait(self.retries_made, rand::random());
        self.retries_made += 1;
        Deadline::current().is_none_or(|deadline| wait < deadline.remaining()).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_below_their_ceiling_and_end() {
        let mut backoff = Backoff::new(Duration::ZERO);
        let waits: Vec<_> = std::iter::from_fn(|| backoff.next_wait()).collect();
        assert_eq!(waits.len(), 8);
        let ceilings = [5, 10, 20, 40, 80, 160, 320, 500].map(Duration::from_millis);
        assert!(waits.iter().zip(ceilings).all(|(wait, ceiling)| *wait <= ceiling), "{waits:?}");
    }

    #[tokio::test]
    async fn nobody_waits_past_the_caller_s_deadline() {
        let waits = async || Backoff::new(Duration::ZERO).next_wait();
        assert_eq!(Deadline::after(Duration::ZERO).scope(waits()).await, None);
        assert!(Deadline::after(Duration::from_secs(9)).scope(waits()).await.is_some());
    }
}
