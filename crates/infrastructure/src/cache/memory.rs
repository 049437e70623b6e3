use std::any::Any;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use equivalent::Equivalent;
use foldhash::fast::RandomState;
use moka::notification::RemovalCause;
use moka::sync::Cache;

use super::named::{CacheId, MAX_CACHES};
use super::tags::Stamp;

/// What an entry costs beside its key and value: moka's own records of it, estimated.
const OVERHEAD_BYTES: u32 = 320;

/// The level of the cache inside this process.
///
/// moka bounds it by weight and picks what gives way (TinyLFU). When an entry ends is decided by its reader alone, so that
/// one rule holds on every level and a test can move the clock.
pub struct MemoryCacheStrategy {
    /// Hashed with foldhash: it is seeded at random, and the default hash would take a tenth of a hit. Its fast variant is
    /// enough for a table, and moka's estimate of how often keys are read mixes the bits once more.
    entries: Cache<Key, Entry, RandomState>,
    shares: Arc<[Share; MAX_CACHES]>,
}

/// A key and the cache that it belongs to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) cache: CacheId,
    pub(super) key: Box<str>,
}

/// A key to look up, hashed as [`Key`] is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct KeyRef<'a> {
    pub(super) cache: CacheId,
    pub(super) key: &'a str,
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.cache == key.cache && *self.key == *key.key
    }
}

impl KeyRef<'_> {
    pub(super) fn to_owned(self) -> Key {
        Key { cache: self.cache, key: self.key.into() }
    }
}

/// One value and what decides whether it may still be served.
#[derive(Clone)]
pub(super) struct Entry {
    /// Nothing where it is known that there is nothing.
    pub(super) value: Option<Arc<dyn Any + Send + Sync>>,
    /// Until when it is served as it is, on the cache's clock.
    pub(super) fresh_until: u64,
    /// Until when it can be served where nothing better is to be had.
    pub(super) kept_until: u64,
    /// From when on a reader is to set off a load.
    pub(super) eager_from: u64,
    pub(super) stamp: Stamp,
    /// Whether it is past its time, and served for want of something better.
    pub(super) is_stale: bool,
    /// Its weight in bytes, as its writer estimates it.
    pub(super) weight: u32,
}

/// What one cache holds of the memory.
#[derive(Default)]
struct Share {
    entries: AtomicU64,
    bytes: AtomicU64,
    evictions: AtomicU64,
}

/// What one cache holds of the memory, and what it lost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Holding {
    pub(super) entries: u64,
    pub(super) bytes: u64,
    pub(super) evictions: u64,
}

impl MemoryCacheStrategy {
    /// A level that holds at most about `max_bytes`.
    pub(super) fn new(max_bytes: u64) -> Self {
        let shares: Arc<[Share; MAX_CACHES]> = Arc::new(std::array::from_fn(|_| Share::default()));
        let notified = Arc::clone(&shares);
        let entries = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(weight)
            .eviction_listener(move |key: Arc<Key>, entry: Entry, cause| {
                let share = &notified[key.cache.index()];
                share.entries.fetch_sub(1, Ordering::Relaxed);
                share.bytes.fetch_sub(u64::from(weight(&key, &entry)), Ordering::Relaxed);
                if cause == RemovalCause::Size {
                    share.evictions.fetch_add(1, Ordering::Relaxed);
                }
            })
            .build_with_hasher(RandomState::default());
        Self { entries, shares }
    }

    #[inline]
    pub(super) fn get(&self, key: KeyRef<'_>) -> Option<Entry> {
        self.entries.get(&key)
    }

    pub(super) fn set(&self, key: KeyRef<'_>, entry: Entry) {
        let key = key.to_owned();
        let share = &self.shares[key.cache.index()];
        share.entries.fetch_add(1, Ordering::Relaxed);
        share.bytes.fetch_add(u64::from(weight(&key, &entry)), Ordering::Relaxed);
        self.entries.insert(key, entry);
    }

    pub(super) fn delete(&self, key: KeyRef<'_>) {
        self.entries.invalidate(&key);
    }

    pub(super) fn clear(&self) {
        self.entries.invalidate_all();
    }

    /// Drops the keys of `cache` that match, and answers how many there were.
    pub(super) fn sweep(&self, cache: CacheId, matches: impl Fn(&str) -> bool) -> u64 {
        let found = self.entries.iter().filter(|(key, _)| key.cache == cache && matches(&key.key));
        let found: Vec<_> = found.map(|(key, _)| key).collect();
        found.iter().for_each(|key| self.entries.invalidate(&**key));
        found.len() as u64
    }

    /// What `cache` holds.
    pub(super) fn holding(&self, cache: CacheId) -> Holding {
        let Share { entries, bytes, evictions } = &self.shares[cache.index()];
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Holding { entries: read(entries), bytes: read(bytes), evictions: read(evictions) }
    }

    /// Lets moka do what it puts off, so that what is told of its size is so.
    pub(super) fn settle(&self) {
        self.entries.run_pending_tasks();
    }
}

fn weight(key: &Key, entry: &Entry) -> u32 {
    let key_bytes = u32::try_from(key.key.len()).unwrap_or(u32::MAX);
    entry.weight.saturating_add(key_bytes).saturating_add(OVERHEAD_BYTES)
}

impl fmt::Debug for MemoryCacheStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCacheStrategy")
            .field("entries", &self.entries.entry_count())
            .finish_non_exhaustive()
    }
}
