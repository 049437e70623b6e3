use std::time::Duration;

use adstead_domain::port::{PortError, PortErrorKind};
use tokio::time::{Instant, sleep_until, timeout_at};

/// The moment by which a caller wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

tokio::task_local! {
    static CURRENT: Deadline;
}

impl Deadline {
    /// A moment that stands for "no hurry": tokio's timers know none that is much further away.
    const FAR: Duration = Duration::from_secs(86_400 * 365);

    /// The moment `time` from now, or a year from now where that is sooner.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time.min(Self::FAR))
    }

    /// The time that is left.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// This moment, or the one `time` from now where that is sooner.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        self.min(Self::after(time))
    }

    /// Waits until the moment has come.
    pub async fn passed(self) {
        sleep_until(self.0).await;
    }

    /// Runs `work`, which the calls within it know to be wanted by this moment, or by one that was set around it and comes
    /// sooner. Tasks that it spawns do not.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        let sooner = Self::current().map_or(self, |outer| outer.min(self));
        CURRENT.scope(sooner, work).await
    }

    /// `work`, to be spawned, with the deadline of whoever spawns it.
    #[cfg(all(feature = "cache", feature = "database"))]
    pub(crate) fn scope_current<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
        let current = Self::current();
        async move {
            match current {
                Some(deadline) => deadline.scope(work).await,
                None => work.await,
            }
        }
    }

    /// The moment by which the caller wants its answer, where one was set by [`scope`](Self::scope).
    pub fn current() -> Option<Self> {
        CURRENT.try_get().ok()
    }

    /// What `call` answers, where it does so in time; if not, it is cancelled.
    ///
    /// # Errors
    /// What `call` fails with; [`PortErrorKind::Timeout`] for `operation` once the moment has come.
    pub async fn bound<T>(
        self,
        operation: &'static str,
        call: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        let late = || PortError::new(PortErrorKind::Timeout, operation);
        self.cut(call).await.unwrap_or_else(|| Err(late()))
    }

    /// What `call` answers, where it does so in time; if not, it is cancelled. Once the moment has come, it does not begin.
    pub(crate) async fn cut<T>(self, call: impl Future<Output = T>) -> Option<T> {
        if self.remaining().is_zero() {
            return None;
        }
        timeout_at(self.0, call).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_is_cancelled_at_the_deadline() {
        let started = Instant::now();
        let outcome: Result<(), _> =
            Deadline::after(Duration::from_secs(3)).bound("ads.get", pending()).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.kind, error.operation), (PortErrorKind::Timeout, "ads.get"));
        assert_eq!(started.elapsed().as_secs(), 3);
    }

    #[cfg(all(feature = "cache", feature = "database"))]
    #[tokio::test(start_paused = true)]
    async fn a_task_knows_the_deadline_of_whoever_spawned_it_where_it_is_passed_on() {
        let spawn = async || {
            let passed_on = tokio::spawn(Deadline::scope_current(async { Deadline::current() }));
            (passed_on.await.unwrap(), tokio::spawn(async { Deadline::current() }).await.unwrap())
        };
        let deadline = Deadline::after(Duration::from_secs(3));
        assert_eq!(deadline.scope(spawn()).await, (Some(deadline), None));
        assert_eq!(spawn().await, (None, None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_in_time_keeps_its_answer() {
        let deadline = Deadline::after(Duration::MAX);
        assert_eq!(deadline.bound("ads.get", ready(Ok(7))).await.unwrap(), 7);
        assert!(deadline.within(Duration::from_secs(1)).remaining() <= Duration::from_secs(1));
    }
}
