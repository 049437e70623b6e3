use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use adstead_domain::port::{PortError, PortErrorKind};

use super::Deadline;

/// Whether an answer that comes in pieces has begun to come; a clone tells the same.
///
/// Once it has, whoever asked has had a part of it, and it is not asked for again.
#[derive(Debug, Clone, Default)]
pub struct Begun(Arc<AtomicBool>);

impl Begun {
    /// Notes that the first piece has come.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the first piece has come.
    pub fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// What `call` answers, where it begins to by `first` and ends by `last`; if not, it is cancelled.
    ///
    /// # Errors
    /// What `call` fails with; [`PortErrorKind::Timeout`] for `operation` once one of the moments has come.
    pub async fn bound<T>(
        &self,
        operation: &'static str,
        first: Deadline,
        last: Deadline,
        call: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        let late = || Err(PortError::new(PortErrorKind::Timeout, operation));
        if first.remaining().is_zero() && !self.is_noted() {
            return late();
        }
        let begins_in_time = async {
            tokio::select! {
                biased;
                answer = call => answer,
                () = self.missed(first) => late(),
            }
        };
        last.bound(operation, begins_in_time).await
    }

    /// Waits for the moment, and for ever where the first piece has come by then.
    async fn missed(&self, first: Deadline) {
        first.passed().await;
        if self.is_noted() {
            pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// How a call ends that begins and is done after these times, where it has one second to begin and five in all.
    async fn outcome(begins: Duration, done: Duration) -> (Result<u8, PortErrorKind>, Duration) {
        let (begun, started) = (Begun::default(), Instant::now());
        let call = async {
            sleep(begins).await;
            begun.note();
            sleep(done - begins).await;
            Ok(7)
        };
        let (first, last) = (Deadline::after(SECOND), Deadline::after(5 * SECOND));
        let answer = begun.bound("copy.write", first, last, call).await;
        (answer.map_err(|error| error.kind), started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_must_begin_in_time_and_then_has_until_the_end() {
        assert_eq!(outcome(SECOND / 2, 4 * SECOND).await, (Ok(7), 4 * SECOND));
        assert_eq!(outcome(2 * SECOND, 4 * SECOND).await, (Err(PortErrorKind::Timeout), SECOND));
        assert_eq!(outcome(SECOND / 2, 9 * SECOND).await, (Err(PortErrorKind::Timeout), 5 * SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_comes_too_late_does_not_begin() {
        let (begun, now) = (Begun::default(), Deadline::after(Duration::ZERO));
        let call = async { panic!("it began") };
        let answer: Result<(), _> = begun.bound("copy.write", now, now, call).await;
        assert_eq!(answer.unwrap_err().kind, PortErrorKind::Timeout);
    }
}
