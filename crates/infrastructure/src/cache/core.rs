use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use adstead_domain::port::CacheStatistics;
use tokio::sync::mpsc;

use super::clock::Clock;
use super::config::CacheConfig;
use super::envelope::Coding;
use super::flight::Flights;
use super::glob;
use super::memory::{KeyRef, MemoryCacheStrategy};
use super::named::{CacheId, MAX_CACHES, Names};
use super::redis::{Message, RedisCacheStrategy, Says};
use super::stats::{Counter, Counters};
use super::tags::{STRIPES_AT_ONCE, Stamp, Stripe, TagTable, Times};
use super::writes::Writes;

/// What the cache of one node did.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeStatistics {
    /// The node, by a number that it chose at its start.
    pub node: String,
    /// What it did since then.
    pub cache: CacheStatistics,
}

/// What all caches of a manager share.
pub(super) struct Core {
    pub(super) enabled: bool,
    pub(super) memory: Option<MemoryCacheStrategy>,
    pub(super) redis: Option<RedisCacheStrategy>,
    pub(super) tags: TagTable,
    pub(super) writes: Writes,
    pub(super) flights: Arc<Flights>,
    pub(super) names: Names,
    pub(super) counters: Box<[Counters; MAX_CACHES]>,
    pub(super) invalidations: Counter,
    pub(super) refusals: Counter,
    pub(super) clock: Clock,
    pub(super) coding: Coding,
    /// What was invalidated and Redis does not know of yet.
    untold: Mutex<BTreeSet<Stripe>>,
    /// Where answers of other nodes go, while somebody asks.
    pub(super) answers: Mutex<Option<mpsc::UnboundedSender<NodeStatistics>>>,
    /// The last beat of our own heart that came back over Redis.
    pub(super) heard_beat: AtomicU64,
}

impl Core {
    pub(super) fn new(config: &CacheConfig, redis: Option<RedisCacheStrategy>, clock: Clock) -> Self {
        let CacheConfig { enabled, max_bytes, max_entry_bytes, compress_over, redis: _ } = *config;
        let counters: Vec<_> = (0..MAX_CACHES).map(|_| Counters::default()).collect();
        let counters: Box<[Counters; MAX_CACHES]> =
            counters.into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("it has that length"));
        Self {
            enabled,
            memory: (enabled && max_bytes > 0).then(|| MemoryCacheStrategy::new(max_bytes)),
            redis,
            tags: TagTable::new(),
            writes: Writes::new(),
            flights: Arc::default(),
            names: Names::default(),
            counters,
            invalidations: Counter::default(),
            refusals: Counter::default(),
            clock,
            coding: Coding { compress_over, max_bytes: max_entry_bytes },
            untold: Mutex::default(),
            answers: Mutex::default(),
            heard_beat: AtomicU64::new(0),
        }
    }

    /// Outdates everything that watches the stripe, here at once, elsewhere as soon as Redis can be told. Who is cancelled
    /// meanwhile cancels nothing.
    pub(super) async fn invalidate(self: &Arc<Self>, stripe: Stripe) {
        self.invalidations.count();
        let time = self.tags.invalidate(stripe, self.clock.civil_us());
        if self.redis.is_none() {
            return;
        }
        let core = Arc::clone(self);
        let told = tokio::spawn(async move {
            let Some(redis) = &core.redis else { return };
            match redis.invalidate(&[(stripe, time)], true).await {
                Some(times) => core.learn(&times),
                None => core.remember(stripe),
            }
        });
        // It does not end only where the runtime does.
        let _ = told.await;
    }

    /// As [`invalidate`](Self::invalidate), without waiting for Redis: the keeper tells it within a second, and once where
    /// this is called often.
    pub(super) fn invalidate_soon(&self, stripe: Stripe) {
        self.invalidations.count();
        self.tags.invalidate(stripe, self.clock.civil_us());
        if self.redis.is_some() {
            self.remember(stripe);
        }
    }

    fn remember(&self, stripe: Stripe) {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).insert(stripe);
    }

    /// Forgets what Redis was told, but for what was invalidated once more meanwhile.
    fn forget(&self, told: &[(Stripe, u64)]) {
        let mut untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        for &(stripe, time) in told {
            if self.tags.time(stripe) == time {
                untold.remove(&stripe);
            }
        }
    }

    /// Tells Redis what it was not told.
    pub(super) async fn tell(&self, redis: &RedisCacheStrategy) {
        let untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if untold.is_empty() {
            return;
        }
        let times: Vec<_> = self.tags.known().filter(|(stripe, _)| untold.contains(stripe)).collect();
        for times in times.chunks(STRIPES_AT_ONCE) {
            match redis.invalidate(times, true).await {
                Some(counting) => {
                    self.forget(times);
                    self.learn(&counting);
                }
                // Where it only takes no writes, the other nodes can still be told.
                None if redis.link.is_up() => drop(redis.tell(Says::Tags(times.to_vec())).await),
                None => {}
            }
        }
    }

    pub(super) fn learn(&self, times: &[(Stripe, u64)]) {
        let now_us = Clock::real_us();
        for &(stripe, time) in times {
            self.tags.learn(stripe, time, now_us);
        }
    }

    /// Whether an entry of Redis is still good, by the times that it carries.
    pub(super) fn admits(&self, times: &Times) -> bool {
        self.tags.admits(times, Clock::real_us())
    }

    /// Takes in what another node said; who asks for statistics is answered.
    pub(super) fn hear(&self, redis: &RedisCacheStrategy, message: &[u8]) -> Option<u64> {
        let Message { node, says } = Message::decode(message)?;
        if node == redis.node {
            if let Says::Beat(number) = says {
                self.heard_beat.fetch_max(number, Ordering::SeqCst);
            }
            return None;
        }
        if !matches!(says, Says::Beat(_)) {
            redis.counts.heard.fetch_add(1, Ordering::Relaxed);
        }
        match says {
            Says::Tags(times) => self.learn(&times),
            Says::Keys(paths) => paths.into_iter().for_each(|path| self.drop_key(path)),
            Says::Sweep(glob) => {
                if glob::check(glob).is_ok() {
                    self.sweep_memory(glob);
                }
            }
            Says::Beat(_) => {}
            Says::Ask => return Some(node),
            Says::Told { asker, statistics } if asker == redis.node => self.answered(node, statistics),
            Says::Told { .. } => {}
        }
        None
    }

    fn answered(&self, node: u64, statistics: &[u8]) {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        // Who speaks another version is as silent as who is gone.
        if let (Some(answers), Ok(cache)) = (&*answers, rmp_serde::from_slice(statistics)) {
            let _ = answers.send(NodeStatistics { node: format!("{node:016x}"), cache });
        }
    }

    /// Whether Redis does not know of all that was written and invalidated here.
    pub(super) fn has_untold(&self, redis: &RedisCacheStrategy) -> bool {
        !redis.replay.is_empty() || !self.untold.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Drops what this process has under the path, and what loads under way will bring.
    pub(super) fn drop_key(&self, path: &str) {
        let Some((name, key)) = path.split_once(':') else {
            return;
        };
        let Some(cache) = self.names.find(name) else {
            return;
        };
        let key = KeyRef { cache, key };
        let mut written = self.writes.lock(key);
        *written = self.tags.next();
        if let Some(memory) = &self.memory {
            memory.delete(key);
        }
    }

    /// Drops what this process has under paths that match.
    pub(super) fn sweep_memory(&self, glob: &str) -> u64 {
        let Some(memory) = &self.memory else {
            return 0;
        };
        let swept =
            self.names.all().into_iter().map(|(cache, name, _)| {
                memory.sweep(cache, |key| glob::matches(glob, &format!("{name}:{key}")))
            });
        swept.sum()
    }

    /// Whether what a load that began at `begun` brings for the key was overwritten meanwhile.
    pub(super) fn is_overwritten(&self, key: KeyRef<'_>, begun: u64) -> bool {
        *self.writes.lock(key) > begun
    }

    /// Whether it was so for the last time not after `until`, or something that the stamp watches was outdated.
    pub(super) fn was_outdated(&self, key: KeyRef<'_>, stamp: &Stamp, until: u64) -> bool {
        let written = *self.writes.lock(key);
        (written > stamp.sequence && written <= until) || self.tags.was_outdated(stamp, until)
    }

    pub(super) fn counters(&self, cache: CacheId) -> &Counters {
        &self.counters[cache.index()]
    }
}
