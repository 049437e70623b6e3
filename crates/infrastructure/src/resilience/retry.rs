use std::time::Duration;

use adstead_domain::port::PortError;

use super::Deadline;

/// How often a call that failed for a passing reason is made again, and after what wait.
///
/// The wait is drawn from zero up to a bound that doubles each time ("full jitter": Brooker, *Exponential Backoff And
/// Jitter*, AWS Architecture Blog, 2015), and is never shorter than what the failed system asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts after the first that failed.
    pub retries: u32,
    /// The bound of the first wait.
    pub first_wait: Duration,
    /// The bound that no wait exceeds, unless the failed system asks for more.
    pub longest_wait: Duration,
}

impl RetryPolicy {
    /// So many retries, with waits that suit a service on the internet.
    pub const fn times(retries: u32) -> Self {
        Self { retries, first_wait: Duration::from_millis(200), longest_wait: Duration::from_secs(5) }
    }

    /// Makes `attempt` until it succeeds, fails for good, or no further attempt could begin before `deadline`.
    ///
    /// `draw` answers a random number from 0 to 1 for each wait; `again` is asked of each failure that can be followed by
    /// another attempt after that wait, whether it shall be.
    ///
    /// # Errors
    /// What the last attempt failed with.
    pub async fn run<T, Attempt>(
        &self,
        deadline: Deadline,
        draw: impl Fn() -> f64,
        again: impl Fn(&PortError, Duration) -> bool,
        attempt: impl Fn() -> Attempt,
    ) -> Result<T, PortError>
    where
        Attempt: Future<Output = Result<T, PortError>>,
    {
        let mut made = 0;
        loop {
            let error = match attempt().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // Those who were told the same moment do not all come at it.
            let told = error.retry_after.map(|wait| wait + self.wait(0, draw()));
            let wait = self.wait(made, draw()).max(told.unwrap_or_default());
            let can_be_made = made < self.retries && error.kind.is_transient() && wait < deadline.remaining();
            if !can_be_made || !again(&error, wait) {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
            made += 1;
        }
    }

    /// The wait before a retry, counted from 0, for a random number from 0 to 1.
    pub(crate) fn wait(&self, retry: u32, drawn: f64) -> Duration {
        let bound = self.first_wait.saturating_mul(2_u32.saturating_pow(retry)).min(self.longest_wait);
        bound.mul_f64(drawn.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use adstead_domain::port::PortErrorKind;
    use tokio::time::Instant;

    use super::*;

    /// Runs a call that always fails with `error`, and tells how often it was made and for how long in all.
    async fn failing(policy: &RetryPolicy, deadline: Duration, error: fn() -> PortError) -> (u32, Duration) {
        let (attempts, started) = (Cell::new(0), Instant::now());
        let attempt = async || {
            attempts.set(attempts.get() + 1);
            Err::<(), _>(error())
        };
        policy.run(Deadline::after(deadline), || 1.0, |_, _| true, attempt).await.unwrap_err();
        (attempts.get(), started.elapsed())
    }

    fn unavailable() -> PortError {
        PortError::new(PortErrorKind::Unavailable, "test.call")
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn the_bound_of_the_waits_doubles_up_to_the_longest() {
        let policy = RetryPolicy {
            retries: 4,
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_millis(300),
        };
        let (attempts, took) = failing(&policy, MINUTE, unavailable).await;
        assert_eq!(attempts, 5);
        assert_eq!(took.as_millis(), 100 + 200 + 300 + 300);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_for_good_is_not_tried_again() {
        let refused = || PortError::new(PortErrorKind::Rejected, "test.call");
        assert_eq!(failing(&RetryPolicy::times(5), MINUTE, refused).await, (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wish_to_wait_is_honoured() {
        let limited = || unavailable().with_retry_after(Duration::from_secs(20));
        let (attempts, took) = failing(&RetryPolicy::times(1), MINUTE, limited).await;
        assert_eq!((attempts, took.as_secs()), (2, 20));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_waited_for_past_the_deadline() {
        let limited = || unavailable().with_retry_after(2 * MINUTE);
        assert_eq!(failing(&RetryPolicy::times(5), MINUTE, limited).await, (1, Duration::ZERO));
    }

    #[test]
    fn a_wait_is_a_share_of_its_bound_however_often_it_doubled() {
        let policy = RetryPolicy::times(u32::MAX);
        assert_eq!(policy.wait(0, 0.5), Duration::from_millis(100));
        assert_eq!(policy.wait(0, 0.0), Duration::ZERO);
        assert_eq!(policy.wait(200, 1.0), Duration::from_secs(5));
    }
}
