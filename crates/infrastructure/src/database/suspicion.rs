use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Which connections may be broken or busy, and so are asked for a sign of life before they are used, or before they go
/// back to the pool. The rest is spared the round trip.
pub(super) struct Suspicion {
    begun: Instant,
    /// When a connection was last found broken; 0 for never.
    broken_ms: AtomicU64,
    /// When a caller last gave up in the middle of a call; 0 for never.
    abandoned_ms: AtomicU64,
    /// Since when calls have ended without an answer, and not one with one; 0 for not at all.
    unanswered_ms: AtomicU64,
}

/// A call on a connection. Where it is dropped before it is over, its caller has given up.
pub(super) struct Call<'a> {
    suspicion: &'a Suspicion,
    is_over: bool,
}

impl Suspicion {
    /// After which time of idleness a connection is asked in any case: load balancers and firewalls forget connections
    /// after a minute or more.
    const LIVENESS: Duration = Duration::from_secs(30);

    /// How long a sign of life may take. A server that is gone for good without a word sends none, ever.
    pub(super) const PATIENCE: Duration = Duration::from_secs(2);

    /// How long no call at all may have an answer before connections are given up that nobody has found broken. Those that
    /// were, and those whose callers gave up, have shown within [`PATIENCE`](Self::PATIENCE) whether they live.
    const STARVATION: Duration = Duration::from_secs(4);

    pub(super) fn new() -> Self {
        Self {
            begun: Instant::now(),
            broken_ms: AtomicU64::new(0),
            abandoned_ms: AtomicU64::new(0),
            unanswered_ms: AtomicU64::new(0),
        }
    }

    /// The database has answered a call.
    pub(super) fn answered(&self) {
        // As a rule there is nothing to forget, and so nothing to write that all cores share.
        if self.unanswered_ms.load(Ordering::Relaxed) != 0 {
            self.unanswered_ms.store(0, Ordering::Relaxed);
        }
    }

    /// A call has ended without an answer. Whether no call has had one for too long; of all who could say so, one does.
    pub(super) fn starves(&self) -> bool {
        let now = self.now_ms();
        let starving =
            |since| self.unanswered_ms.compare_exchange(since, now, Ordering::Relaxed, Ordering::Relaxed);
        match starving(0) {
            Ok(_) => false,
            Err(since) => {
                Duration::from_millis(now.saturating_sub(since)) >= Self::STARVATION
                    && starving(since).is_ok()
            }
        }
    }

    /// A connection was found broken; those that were made with it may be too.
    pub(super) fn raise(&self) {
        self.broken_ms.fetch_max(self.now_ms(), Ordering::Relaxed);
    }

    /// Begins a call on a connection.
    pub(super) fn call(&self) -> Call<'_> {
        Call { suspicion: self, is_over: false }
    }

    /// Whether a connection of this age, unused for a time, has to show that it lives.
    pub(super) fn falls_on(&self, age: Duration, idle: Duration) -> bool {
        let made = self.begun.elapsed().saturating_sub(age);
        idle >= Self::LIVENESS || made <= Duration::from_millis(self.broken_ms.load(Ordering::Relaxed))
    }

    /// Whether a connection that comes back now may have a statement under way that nobody waits for.
    pub(super) fn falls_on_returns(&self) -> bool {
        let abandoned = Duration::from_millis(self.abandoned_ms.load(Ordering::Relaxed));
        !abandoned.is_zero() && self.begun.elapsed() <= abandoned + Self::PATIENCE
    }

    /// The end of this millisecond, so that whatever was made before now is older.
    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

impl Call<'_> {
    /// The call has come to its end, whatever that is.
    pub(super) fn over(mut self) {
        self.is_over = true;
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.suspicion.abandoned_ms.fetch_max(self.suspicion.now_ms(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_that_are_older_than_the_last_broken_one_are_suspect() {
        let suspicion = Suspicion::new();
        let (new, old) = (Duration::ZERO, Duration::from_secs(9));
        assert!(!suspicion.falls_on(new, Duration::ZERO) && suspicion.falls_on(new, Suspicion::LIVENESS));
        suspicion.raise();
        assert!(suspicion.falls_on(old, Duration::ZERO));
    }

    #[test]
    fn connections_that_come_back_are_suspect_after_a_call_that_nobody_waited_for() {
        let suspicion = Suspicion::new();
        suspicion.call().over();
        assert!(!suspicion.falls_on_returns());
        drop(suspicion.call());
        assert!(suspicion.falls_on_returns());
    }

    #[test]
    fn nobody_starves_where_somebody_is_answered() {
        let suspicion = Suspicion { begun: Instant::now() - Suspicion::STARVATION * 3, ..Suspicion::new() };
        assert!(!suspicion.starves(), "it is the first");
        assert!(!suspicion.starves(), "it is too soon after the first");
        suspicion.unanswered_ms.store(1, Ordering::Relaxed);
        assert!(suspicion.starves());
        assert!(!suspicion.starves(), "it was said a moment ago");
        suspicion.unanswered_ms.store(1, Ordering::Relaxed);
        suspicion.answered();
        assert!(!suspicion.starves());
    }
}
