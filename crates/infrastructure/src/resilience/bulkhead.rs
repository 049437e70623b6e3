use std::sync::atomic::{AtomicU32, Ordering};

use adstead_domain::port::{PortError, PortErrorKind};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Deadline;

/// Keeps a slow system from holding all callers: so many are let in at once, so many wait, all others are turned away.
#[derive(Debug)]
pub struct Bulkhead {
    concurrency: u32,
    places: Semaphore,
    most_waiting: u32,
    waiting: AtomicU32,
}

/// Why a bulkhead let nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{concurrency} calls are under way and {waiting} wait already")]
pub struct BulkheadFull {
    /// The calls that may be under way at once.
    pub concurrency: u32,
    /// The calls that may wait.
    pub waiting: u32,
}

impl Bulkhead {
    /// One that lets `concurrency` callers in at once, and `most_waiting` wait.
    pub fn new(concurrency: u32, most_waiting: u32) -> Self {
        let places = Semaphore::new((concurrency as usize).min(Semaphore::MAX_PERMITS));
        Self { concurrency, places, most_waiting, waiting: AtomicU32::new(0) }
    }

    /// Waits for a place, which is held until what is answered is dropped.
    ///
    /// # Errors
    /// `RateLimited` with [`BulkheadFull`] as its source where too many wait already; `Timeout` where none was free in time.
    pub async fn enter(
        &self,
        operation: &'static str,
        deadline: Deadline,
    ) -> Result<SemaphorePermit<'_>, PortError> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let _counted = self.wait().ok_or_else(|| {
            let full = BulkheadFull { concurrency: self.concurrency, waiting: self.most_waiting };
            PortError::new(PortErrorKind::RateLimited, operation).with_source(full)
        })?;
        let place = deadline.cut(self.places.acquire()).await.ok_or_else(|| {
            let why = format!("{} calls were under way all the time", self.concurrency);
            PortError::new(PortErrorKind::Timeout, operation).with_source(why)
        })?;
        Ok(place.expect("nobody closes the semaphore"))
    }

    /// How many callers are in, and how many wait.
    pub fn occupancy(&self) -> (u32, u32) {
        let in_use = u64::from(self.concurrency).saturating_sub(self.places.available_permits() as u64);
        (in_use as u32, self.waiting.load(Ordering::Relaxed))
    }

    fn wait(&self) -> Option<Counted<'_>> {
        let one_more = |waiting| (waiting < self.most_waiting).then_some(waiting + 1);
        self.waiting.try_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Counted(&self.waiting))
    }
}

/// Counts one who waits, until it is dropped.
struct Counted<'a>(&'a AtomicU32);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn callers_are_let_in_wait_in_turn_or_are_turned_away() {
        let bulkhead = Bulkhead::new(1, 1);
        let soon = Deadline::after(Duration::from_secs(1));
        let first = bulkhead.enter("test.call", soon).await.unwrap();
        assert_eq!(bulkhead.occupancy(), (1, 0));
        let mut second = Box::pin(bulkhead.enter("test.call", soon));
        assert!(futures::poll!(&mut second).is_pending());
        let refused = bulkhead.enter("test.call", soon).await.unwrap_err();
        assert_eq!(refused.kind, PortErrorKind::RateLimited);
        assert!(refused.source.unwrap().is::<BulkheadFull>());
        drop(first);
        let second = second.await.unwrap();
        assert_eq!(bulkhead.occupancy(), (1, 0));
        assert_eq!(bulkhead.enter("test.call", soon).await.unwrap_err().kind, PortErrorKind::Timeout);
        assert_eq!(bulkhead.occupancy(), (1, 0), "who gave up waits no more");
        drop(second);
    }
}
