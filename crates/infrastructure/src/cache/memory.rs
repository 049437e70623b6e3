use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use foldhash::quality::RandomState;
use moka::notification::RemovalCause;
use moka::sync::Cache;

use super::tags::Stamp;

/// What an entry costs beside its key and value: moka's own records of it, estimated.
const OVERHEAD_BYTES: u32 = 256;

/// The level of the cache inside this process.
///
/// moka bounds it by weight and picks what gives way (TinyLFU). When an entry ends is decided in this module alone, so
/// that one rule holds on every level and a test can move the clock.
pub struct MemoryCacheStrategy {
    /// Hashed with foldhash: it is seeded at random, and the default hash would take a tenth of a hit.
    entries: Cache<Box<str>, Entry, RandomState>,
    evictions: Arc<AtomicU64>,
}

/// One value and what decides whether it may still be served.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) value: Arc<dyn Any + Send + Sync>,
    /// When it ends, on the manager's clock.
    pub(super) expires_at: Duration,
    pub(super) stamp: Stamp,
    /// Its weight in bytes, as its writer estimates it.
    pub(super) weight: u32,
}

impl MemoryCacheStrategy {
    /// A level that holds at most about `max_bytes`.
    pub fn new(max_bytes: u64) -> Self {
        let evictions = Arc::new(AtomicU64::new(0));
        let evicted = Arc::clone(&evictions);
        let entries = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(weight)
            .eviction_listener(move |_, _, cause| {
                if cause == RemovalCause::Size {
                    evicted.fetch_add(1, Ordering::Relaxed);
                }
            })
            .build_with_hasher(RandomState::default());
        Self { entries, evictions }
    }

    #[inline]
    pub(super) fn get(&self, key: &str) -> Option<Entry> {
        self.entries.get(key)
    }

    pub(super) fn set(&self, key: &str, entry: Entry) {
        self.entries.insert(key.into(), entry);
    }

    pub(super) fn delete(&self, key: &str) {
        self.entries.invalidate(key);
    }

    pub(super) fn clear(&self) {
        self.entries.invalidate_all();
    }

    /// Entries held and their weight in bytes.
    pub(super) fn size(&self) -> (u64, u64) {
        self.entries.run_pending_tasks();
        (self.entries.entry_count(), self.entries.weighted_size())
    }

    pub(super) fn evictions(&self) -> u64 {
        self.evictions.load(Ordering::Relaxed)
    }
}

#[expect(clippy::borrowed_box, reason = "moka passes a reference to its key")]
fn weight(key: &Box<str>, entry: &Entry) -> u32 {
    let key_bytes = u32::try_from(key.len()).unwrap_or(u32::MAX);
    entry.weight.saturating_add(key_bytes).saturating_add(OVERHEAD_BYTES)
}

impl fmt::Debug for MemoryCacheStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCacheStrategy")
            .field("entries", &self.entries.entry_count())
            .finish_non_exhaustive()
    }
}
