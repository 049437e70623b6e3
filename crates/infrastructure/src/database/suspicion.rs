use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// When connections were last found broken: those that are older are asked for a sign of life before they are used.
pub(super) struct Suspicion {
    begun: Instant,
    since_ms: AtomicU64,
}

impl Suspicion {
    /// After which time of idleness a connection is asked in any case: load balancers and firewalls forget connections
    /// after a minute or more.
    const LIVENESS: Duration = Duration::from_secs(30);

    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), since_ms: AtomicU64::new(0) }
    }

    /// A connection was found broken; those that were made with it may be too.
    pub(super) fn raise(&self) {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.since_ms.fetch_max(now, Ordering::Relaxed);
    }

    /// Whether a connection of this age, unused for a time, has to show that it lives.
    pub(super) fn falls_on(&self, age: Duration, idle: Duration) -> bool {
        let since = Duration::from_millis(self.since_ms.load(Ordering::Relaxed));
        let made = self.begun.elapsed().saturating_sub(age);
        idle >= Self::LIVENESS || (!since.is_zero() && made <= since)
    }
}
