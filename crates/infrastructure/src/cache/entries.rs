//! How one cache reads and writes the entries of its levels.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Refused;
use super::chance;
use super::clock::nanos;
use super::envelope::{Header, Opened, Seen, Unusable};
use super::handle::Cache;
use super::memory::{Entry, KeyRef, MemoryCacheStrategy};
use super::options::Levels;
use super::redis::{Found, RedisCacheStrategy};
use super::refused::check_text;
use super::stats::Counters;
use super::tags::Stamp;

/// The longest key, in bytes.
pub(super) const MAX_KEY_BYTES: usize = 1024;

/// How much longer than a load may take it is remembered that a key was deleted.
const REMEMBERED_LONGER: Duration = Duration::from_secs(30);

/// What an entry of nothing weighs beside its key.
const NOTHING_WEIGHS: u32 = 16;

/// A value, or the knowledge that there is none.
pub(super) type Value<V> = Option<Arc<V>>;

/// For how long an entry is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetime {
    /// From when on, in civil time.
    from_us: u64,
    pub(super) fresh_for: Duration,
    pub(super) kept_for: Duration,
    /// Whether it is past its time already, and served for want of something better.
    pub(super) is_stale: bool,
}

impl Lifetime {
    /// The same for what was true so long ago.
    pub(super) fn shortened_by(self, age: Duration) -> Self {
        Self {
            fresh_for: self.fresh_for.saturating_sub(age),
            kept_for: self.kept_for.saturating_sub(age),
            ..self
        }
    }
}

/// What memory says of a key.
pub(super) enum InMemory<V> {
    /// This, which is fresh.
    Fresh {
        value: Value<V>,
        /// Whether it is time to load it anew in the background.
        is_due: bool,
    },
    /// This, which can be served where nothing better is to be had. Boxed, so that a hit moves less.
    Stale(Box<Stale<V>>),
    /// Nothing.
    Nothing,
}

/// An old value that can be served for want of a new one.
pub(super) struct Stale<V> {
    pub(super) value: Value<V>,
    pub(super) kept_for: Duration,
    pub(super) stamp: Stamp,
}

/// What Redis says of a key.
pub(super) enum InRedis<V> {
    /// This, which is fresh.
    Fresh { value: Value<V>, kept: Lifetime, watched: Vec<u16>, seen: Seen },
    /// This, which can be served where nothing better is to be had.
    Stale { value: Value<V>, kept_for: Duration, watched: Vec<u16>, seen: Seen },
    /// Nothing to be had; what was seen there, if anything could be.
    Nothing(Option<Seen>),
}

impl<V> InMemory<V> {
    pub(super) fn fresh(self) -> Option<Value<V>> {
        match self {
            Self::Fresh { value, .. } => Some(value),
            Self::Stale(_) | Self::Nothing => None,
        }
    }
}

/// Whether anything can be kept under a key.
pub(super) fn check_key(key: &str) -> Result<(), Refused> {
    check_text("key", key, MAX_KEY_BYTES)
}

impl<V> Cache<V> {
    pub(super) fn memory(&self) -> Option<&MemoryCacheStrategy> {
        match self.options.levels {
            Levels::All | Levels::Memory => self.core.memory.as_ref(),
            Levels::Redis => None,
        }
    }

    pub(super) fn redis(&self) -> Option<&RedisCacheStrategy> {
        match self.options.levels {
            Levels::All | Levels::Redis => self.core.redis.as_ref(),
            Levels::Memory => None,
        }
    }

    #[inline]
    pub(super) fn counters(&self) -> &Counters {
        self.core.counters(self.id)
    }

    #[inline]
    pub(super) fn key<'a>(&self, key: &'a str) -> KeyRef<'a> {
        KeyRef { cache: self.id, key }
    }

    /// The key as nodes tell each other of it.
    pub(super) fn path(&self, key: &str) -> String {
        [&*self.name, ":", key].concat()
    }

    pub(super) fn remembered_for(&self) -> Duration {
        self.options.hard_timeout.saturating_add(REMEMBERED_LONGER)
    }

    /// For how long a value of now is kept: a little shorter each time, by chance.
    pub(super) fn lifetime(&self) -> Lifetime {
        let shorter = self.options.jitter * chance::share();
        let fresh_for = self.options.fresh_for.mul_f64(1.0 - shorter);
        self.of_now(fresh_for, self.options.kept_for.max(fresh_for))
    }

    /// For how long it is remembered that there is nothing.
    pub(super) fn negative_lifetime(&self) -> Lifetime {
        self.of_now(self.options.negative_for, self.options.negative_for)
    }

    /// For how long an old value is served without another attempt at a new one.
    pub(super) fn throttled(&self, kept_for: Duration) -> Lifetime {
        Lifetime { is_stale: true, ..self.of_now(self.options.throttle.min(kept_for), kept_for) }
    }

    fn of_now(&self, fresh_for: Duration, kept_for: Duration) -> Lifetime {
        Lifetime { from_us: self.core.clock.civil_us(), fresh_for, kept_for, is_stale: false }
    }

    /// What a value takes in memory.
    pub(super) fn weight(&self, value: Option<&V>) -> Result<u32, Refused> {
        let weight = value.map_or(NOTHING_WEIGHS, self.options.weigh);
        let (bytes, max) = (u64::from(weight), self.core.coding.max_bytes);
        if bytes > max { Err(Refused::TooLarge { bytes, max }) } else { Ok(weight) }
    }

    /// Writes under a key in memory, and answers the number by which loads that began before know it.
    pub(super) fn write_in_memory(
        &self,
        key: &str,
        write: impl FnOnce(&MemoryCacheStrategy, KeyRef<'_>),
    ) -> u64 {
        let key = self.key(key);
        let mut written = self.core.writes.lock(key);
        *written = self.core.tags.next();
        if let Some(memory) = self.memory() {
            write(memory, key);
        }
        *written
    }

    /// Sees to it that memory holds nothing older than Redis after a write to both, of `value` if one was set. Who asked Redis
    /// in the meantime may have got there first and kept what it held before; and where another write came between, nobody
    /// knows whose was last in Redis. In both cases memory forgets.
    pub(super) fn agree(&self, key: &str, number: u64, value: Option<&Arc<V>>) {
        let key = self.key(key);
        let mut written = self.core.writes.lock(key);
        let was_last = *written == number;
        *written = self.core.tags.next();
        let Some(memory) = self.memory() else {
            return;
        };
        let kept = memory.get(key).and_then(|entry| entry.value);
        let is_ours = kept
            .zip(value)
            .is_some_and(|(kept, value)| std::ptr::addr_eq(Arc::as_ptr(&kept), Arc::as_ptr(value)));
        if !(was_last && is_ours) {
            memory.delete(key);
        }
    }
}

impl<V> Cache<V>
where
    V: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// What memory says of a key.
    #[inline]
    pub(super) fn in_memory(&self, key: &str) -> InMemory<V> {
        let Some(memory) = self.memory() else {
            return InMemory::Nothing;
        };
        let counters = &self.counters().memory;
        let Some(entry) = memory.get(self.key(key)) else {
            counters.misses.count();
            return InMemory::Nothing;
        };
        let now = self.core.clock.now();
        if now >= entry.kept_until || self.core.tags.is_outdated(&entry.stamp) {
            counters.misses.count();
            return InMemory::Nothing;
        }
        let value = entry.value.map(|value| value.downcast().expect("a cache's name stands for one type"));
        if now < entry.fresh_until {
            if entry.is_stale {
                counters.stale.count();
            } else {
                counters.hits.count();
            }
            return InMemory::Fresh { value, is_due: now >= entry.eager_from };
        }
        counters.misses.count();
        let kept_for = Duration::from_nanos(entry.kept_until - now);
        InMemory::Stale(Box::new(Stale { value, kept_for, stamp: entry.stamp }))
    }

    /// What Redis says of keys, in their order.
    pub(super) async fn in_redis(&self, keys: &[&str]) -> Vec<InRedis<V>> {
        let Some(redis) = self.redis() else {
            return keys.iter().map(|_| InRedis::Nothing(None)).collect();
        };
        let paths: Vec<_> = keys.iter().map(|key| self.path(key)).collect();
        let found = redis.read(&paths).await;
        let now_us = self.core.clock.civil_us();
        paths.iter().zip(found).map(|(path, found)| self.read(path, found, now_us)).collect()
    }

    fn read(&self, path: &str, found: Found, now_us: u64) -> InRedis<V> {
        let counters = &self.counters().redis;
        let (entry, seen) = match found {
            Found::Unknown => return InRedis::Nothing(None),
            Found::Here { entry: Some(entry), seen } => (entry, seen),
            Found::Here { entry: None, seen } => {
                counters.misses.count();
                return InRedis::Nothing(Some(seen));
            }
        };
        let opened = self.core.coding.open::<V>(path, &entry, self.options.version);
        let Opened { header, value } = match opened {
            Ok(opened) => opened,
            Err(unusable) => {
                if unusable != Unusable::Deleted {
                    counters.unusable.count();
                }
                counters.misses.count();
                return InRedis::Nothing(Some(seen));
            }
        };
        let left = |until_us: u64| Duration::from_micros(until_us.saturating_sub(now_us));
        let (fresh_for, kept_for) = (left(header.fresh_until_us), left(header.kept_until_us));
        // Its writer's clock may be ahead of ours, and its options others: it is kept no longer than one of our own.
        let longest = self.options.fresh_for.max(self.options.negative_for);
        let fresh_for = fresh_for.min(longest);
        let kept_for = kept_for.min(self.options.kept_for.max(longest));
        if kept_for.is_zero() || !self.core.admits(&header.times) {
            counters.misses.count();
            return InRedis::Nothing(Some(seen));
        }
        let value = value.map(Arc::new);
        let watched = header.times.stripes.iter().map(|(stripe, _)| *stripe).collect();
        if fresh_for.is_zero() {
            counters.misses.count();
            return InRedis::Stale { value, kept_for, watched, seen };
        }
        counters.hits.count();
        InRedis::Fresh {
            value,
            kept: Lifetime { from_us: now_us, fresh_for, kept_for, is_stale: false },
            watched,
            seen,
        }
    }

    /// Keeps in memory what was read or loaded, unless it is outdated or its key was written meanwhile.
    pub(super) fn keep(&self, key: &str, value: Value<V>, kept: &Lifetime, stamp: Stamp) {
        let Some(memory) = self.memory() else {
            return;
        };
        let Ok(weight) = self.weight(value.as_deref()) else {
            self.core.refusals.count();
            return;
        };
        let key = self.key(key);
        let written = self.core.writes.lock(key);
        if *written <= stamp.sequence && !self.core.tags.is_outdated(&stamp) {
            memory.set(key, self.entry(value, kept, stamp, weight));
        }
    }

    pub(super) fn entry(&self, value: Value<V>, kept: &Lifetime, stamp: Stamp, weight: u32) -> Entry {
        let Lifetime { from_us: _, fresh_for, kept_for, is_stale } = *kept;
        let now = self.core.clock.now();
        let after = |time: Duration| now.saturating_add(nanos(time));
        let eager_after = self.options.eager_after.filter(|_| !is_stale && value.is_some());
        Entry {
            value: value.map(|value| value as _),
            fresh_until: after(fresh_for),
            kept_until: after(kept_for),
            eager_from: eager_after.map_or(u64::MAX, |share| after(fresh_for.mul_f64(share))),
            stamp,
            is_stale,
            weight,
        }
    }

    /// An entry for Redis; nothing where it was outdated after number `begun`.
    pub(super) fn seal(
        &self,
        key: &str,
        value: Option<&V>,
        kept: &Lifetime,
        begun: u64,
        watched: &[u16],
    ) -> Result<Option<Bytes>, Refused> {
        let Some(times) = self.core.tags.times_since(begun, watched) else {
            return Ok(None);
        };
        let after =
            |time: Duration| kept.from_us.saturating_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        let header = Header {
            version: self.options.version,
            fresh_until_us: after(kept.fresh_for),
            kept_until_us: after(kept.kept_for),
            times,
        };
        self.core.coding.seal(&self.path(key), chance::number(), &header, value).map(Some)
    }
}
