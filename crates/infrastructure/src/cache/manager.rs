use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::EntryOptions;
use super::flight::{Flights, Outcome};
use super::memory::{Entry, MemoryCacheStrategy};
use super::stats::{CacheStats, Counters};
use super::tags::{Stamp, TagTable};
use super::writes::Writes;

/// How a cache is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheConfig {
    /// Whether anything is kept at all; if not, every read is a miss and every load runs.
    pub enabled: bool,
    /// The memory that entries may take, in bytes.
    pub max_bytes: u64,
}

/// Typed values under string keys, kept for a while.
///
/// - A value is served until its time is over, its key is deleted or set anew, or one of its tags is invalidated,
///   whichever comes first. An invalidation also reaches loads under way: what was read before it is never kept after it.
/// - Concurrent misses of one key run one load ([`get_or_load`](Self::get_or_load)).
/// - A value of another type than the reader's is a miss.
/// - Nothing here fails: a cache that cannot serve is a miss.
///
/// The methods are async since a level outside the process is to come; the memory level never waits.
pub struct CacheManager {
    memory: Option<MemoryCacheStrategy>,
    tags: TagTable,
    writes: Writes,
    flights: Flights,
    counters: Counters,
    clock: Clock,
}

/// The time since some fixed moment; never goes back.
type Clock = Box<dyn Fn() -> Duration + Send + Sync>;

impl CacheManager {
    /// A cache on the system's monotonic clock, read at the precision of its tick (a few milliseconds): reading it more
    /// finely would cost a fifth of a hit.
    pub fn new(config: &CacheConfig) -> Self {
        let start = coarsetime::Instant::now();
        Self::with_clock(config, move || start.elapsed().into())
    }

    /// A cache on a clock of the caller's: `clock` tells the time since some fixed moment and never goes back.
    pub fn with_clock(config: &CacheConfig, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self {
            memory: config.enabled.then(|| MemoryCacheStrategy::new(config.max_bytes)),
            tags: TagTable::new(),
            writes: Writes::new(),
            flights: Flights::default(),
            counters: Counters::default(),
            clock: Box::new(clock),
        }
    }

    /// The value under `key`, where it is kept, may still be served and is a `V`.
    #[inline]
    pub async fn get<V: Send + Sync + 'static>(&self, key: &str) -> Option<Arc<V>> {
        let found = self.find(key);
        match found {
            Some(_) => self.counters.hit(),
            None => self.counters.miss(),
        }
        found
    }

    /// Keeps `value` under `key`, in the place of what was there and of what loads under way will bring.
    ///
    /// It is for values just written. What was read from elsewhere belongs into [`get_or_load`](Self::get_or_load),
    /// which knows when the reading began.
    pub async fn set<V: Send + Sync + 'static>(&self, key: &str, value: Arc<V>, options: &EntryOptions<V>) {
        let mut written = self.writes.lock(key);
        *written = self.tags.next();
        self.keep(key, value, options, self.tags.stamp(&options.tags));
    }

    /// Forgets `key`, also where a load of it is under way.
    pub async fn delete(&self, key: &str) {
        self.counters.invalidation();
        let mut written = self.writes.lock(key);
        *written = self.tags.next();
        if let Some(memory) = &self.memory {
            memory.delete(key);
        }
    }

    /// The value under `key`, or what `load` brings, which is then kept.
    ///
    /// All who miss the same key meanwhile wait for the one load and share its outcome, failure included; a failure is not
    /// kept. Where the caller whose load runs is cancelled, the next of those who wait runs its own. Who comes after an
    /// invalidation never gets the outcome of a load that began before it.
    ///
    /// # Errors
    /// What `load` failed with, shared by all who waited for it; see
    /// [`shared_failure`](super::shared_failure) for passing on a port's.
    pub async fn get_or_load<V, E>(
        &self,
        key: &str,
        options: &EntryOptions<V>,
        load: impl Future<Output = Result<V, E>>,
    ) -> Result<Arc<V>, Arc<E>>
    where
        V: Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        if let Some(value) = self.get(key).await {
            return Ok(value);
        }
        let load = async { load.await.map(Some) };
        let found = self.load_once::<V, V, E>(key, options, load).await?;
        Ok(found.expect("a load that expects a `V` shares no flight with one that may find nothing"))
    }

    /// As [`get_or_load`](Self::get_or_load), for a look-up that may find nothing.
    ///
    /// That there is nothing is told to all who waited, but not kept: a thing is found as soon as it is there, even
    /// where its maker knows of no cache.
    ///
    /// # Errors
    /// As [`get_or_load`](Self::get_or_load).
    pub async fn get_or_load_optional<V, E>(
        &self,
        key: &str,
        options: &EntryOptions<V>,
        load: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<Arc<V>>, Arc<E>>
    where
        V: Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        match self.get(key).await {
            Some(value) => Ok(Some(value)),
            None => self.load_once::<Option<V>, V, E>(key, options, load).await,
        }
    }

    /// Outdates everything that carries `tag`. The cost does not depend on how much that is: entries are left where they
    /// are, to be replaced or to give way.
    pub async fn invalidate_tag(&self, tag: &str) {
        self.counters.invalidation();
        self.tags.invalidate(tag);
    }

    /// Forgets everything, also what loads under way will bring.
    pub async fn clear(&self) {
        self.counters.invalidation();
        self.tags.invalidate_all();
        if let Some(memory) = &self.memory {
            memory.clear();
        }
    }

    /// What the cache did so far, and what it holds.
    pub fn stats(&self) -> CacheStats {
        let counts = self.counters.snapshot();
        let Some(memory) = &self.memory else {
            return counts;
        };
        let (entries, bytes) = memory.size();
        CacheStats { evictions: memory.evictions(), entries, bytes, ..counts }
    }

    /// A look-up that is not counted.
    #[inline]
    fn find<V: Send + Sync + 'static>(&self, key: &str) -> Option<Arc<V>> {
        let entry = self.memory.as_ref()?.get(key)?;
        if entry.expires_at <= (self.clock)() || self.tags.is_outdated(&entry.stamp) {
            return None;
        }
        entry.value.downcast().ok()
    }

    /// Keeps a value; the caller holds the key's stripe of `writes`.
    fn keep<V: Send + Sync + 'static>(
        &self,
        key: &str,
        value: Arc<V>,
        options: &EntryOptions<V>,
        stamp: Stamp,
    ) {
        let Some(memory) = &self.memory else {
            return;
        };
        if options.ttl.is_zero() || self.tags.is_outdated(&stamp) {
            return;
        }
        let expires_at = (self.clock)().saturating_add(options.ttl);
        let weight = (options.weigh)(&value);
        memory.set(key, Entry { value, expires_at, stamp, weight });
    }

    async fn load_once<Expected, V, E>(
        &self,
        key: &str,
        options: &EntryOptions<V>,
        load: impl Future<Output = Result<Option<V>, E>>,
    ) -> Outcome<V, E>
    where
        Expected: 'static,
        V: Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        if self.memory.is_none() {
            return self.timed(load).await;
        }
        let comes_late =
            |begun: &Stamp| *self.writes.lock(key) > begun.sequence || self.tags.is_outdated(begun);
        let seat = self.flights.board::<Expected, V, E>(key, self.tags.stamp(&options.tags), comes_late);
        let fly = || async {
            // A flight that landed between this caller's miss and its boarding has brought the value already.
            if let Some(value) = self.find(key) {
                return Ok(Some(value));
            }
            let outcome = self.timed(load).await;
            if let Ok(Some(value)) = &outcome {
                let written = self.writes.lock(key);
                if *written <= seat.flight.stamp.sequence {
                    self.keep(key, Arc::clone(value), options, seat.flight.stamp);
                }
            }
            outcome
        };
        seat.flight.outcome.get_or_init(fly).await.clone()
    }

    async fn timed<V, E>(&self, load: impl Future<Output = Result<Option<V>, E>>) -> Outcome<V, E> {
        self.counters.load_started();
        let start = Instant::now();
        let outcome = load.await;
        self.counters.load_ended(outcome.is_err(), start.elapsed());
        outcome.map(|value| value.map(Arc::new)).map_err(Arc::new)
    }
}

impl fmt::Debug for CacheManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheManager").field("memory", &self.memory).finish_non_exhaustive()
    }
}
