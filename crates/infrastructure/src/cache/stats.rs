use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a cache did since it was made, and what it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Reads that found their value.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Loads that were started; many misses may share one.
    pub loads: u64,
    /// Loads that failed.
    pub load_failures: u64,
    /// The time spent in loads that ended, in milliseconds.
    pub load_ms: u64,
    /// Entries that gave way to others because the cache was full.
    pub evictions: u64,
    /// Deleted keys, invalidated tags and clearings.
    pub invalidations: u64,
    /// Entries held, those included that are outdated and not yet replaced.
    pub entries: u64,
    /// Estimated memory of the entries, in bytes.
    pub bytes: u64,
}

/// The counters behind [`CacheStats`].
#[derive(Default)]
pub(super) struct Counters {
    hits: Lonely,
    misses: AtomicU64,
    loads: AtomicU64,
    load_failures: AtomicU64,
    load_micros: AtomicU64,
    invalidations: AtomicU64,
}

/// A counter with cache lines of its own (adjacent lines are fetched in pairs on x86-64), since every hit writes to it.
#[derive(Default)]
#[repr(align(128))]
struct Lonely(AtomicU64);

impl Counters {
    #[inline]
    pub(super) fn hit(&self) {
        self.hits.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn load_started(&self) {
        self.loads.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn load_ended(&self, failed: bool, took: Duration) {
        self.load_failures.fetch_add(u64::from(failed), Ordering::Relaxed);
        self.load_micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
    }

    pub(super) fn invalidation(&self) {
        self.invalidations.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts so far; what the levels hold is theirs to add.
    pub(super) fn snapshot(&self) -> CacheStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CacheStats {
            hits: read(&self.hits.0),
            misses: read(&self.misses),
            loads: read(&self.loads),
            load_failures: read(&self.load_failures),
            load_ms: read(&self.load_micros) / 1000,
            invalidations: read(&self.invalidations),
            ..CacheStats::default()
        }
    }
}
