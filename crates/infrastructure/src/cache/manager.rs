use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use adstead_domain::port::{
    CacheStatistics, LevelStatistics, NamedCacheStatistics, RedisServerStatistics, RedisState,
    RedisStatistics, ReplayStatistics,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{timeout, timeout_at};

use super::clock::Clock;
use super::config::{CacheConfig, CacheConfigError};
use super::core::{Core, NodeStatistics};
use super::glob;
use super::handle::Cache;
use super::memory::Holding;
use super::options::{Levels, check_tag};
use super::rate::SharedRateLimiter;
use super::redis::{LinkState, RedisCacheStrategy, Says};
use super::refused::check_text;
use super::stats::Counters;
use super::tags::{MAX_PREFIX_PARTS, Stripe, prefix_parts};
use super::{EntryOptions, Refused, keeper};
use crate::resilience::LocalRateLimiter;

/// All caches of a process, over one memory and one Redis.
///
/// It is the whole of what operators deal with: tags, patterns, statistics. Values are dealt with by the named caches that it
/// gives out, each for values of one type; see the [module](super) for an example.
pub struct CacheManager {
    core: Arc<Core>,
    keeper: Mutex<JoinSet<()>>,
    /// Held by who waits for answers of other nodes.
    asking: tokio::sync::Mutex<()>,
}

/// How long Redis is told what waits once the cache is closed.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl CacheManager {
    /// A cache in memory; what the configuration says of Redis is not looked at.
    pub fn new(config: &CacheConfig) -> Self {
        Self::over(Core::new(config, None, Clock::system()))
    }

    /// As [`new`](Self::new), on a clock of the caller's: `clock` tells the time since some fixed moment and never goes
    /// back.
    pub fn with_clock(config: &CacheConfig, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self::over(Core::new(config, None, Clock::Given(Box::new(clock))))
    }

    /// A cache with a level in Redis, where the configuration has one.
    ///
    /// Where Redis is not there within its `connect_timeout`, the cache works without it, and with it as soon as it is.
    ///
    /// # Errors
    /// A configuration that cannot be used.
    pub async fn connect(config: &CacheConfig) -> Result<Self, CacheConfigError> {
        Self::connect_on(config, Clock::system()).await
    }

    /// As [`connect`](Self::connect), on a clock of the caller's.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_with_clock(
        config: &CacheConfig,
        clock: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Result<Self, CacheConfigError> {
        Self::connect_on(config, Clock::Given(Box::new(clock))).await
    }

    async fn connect_on(config: &CacheConfig, clock: Clock) -> Result<Self, CacheConfigError> {
        let Some(redis_config) = config.redis.as_ref().filter(|_| config.enabled) else {
            return Ok(Self::over(Core::new(config, None, clock)));
        };
        let (redis, events) = RedisCacheStrategy::open(redis_config)?;
        let manager = Self::over(Core::new(config, Some(redis), clock));
        *manager.keeper.lock().unwrap_or_else(PoisonError::into_inner) =
            keeper::start(Arc::clone(&manager.core), events);
        if let Some(redis) = &manager.core.redis
            && !keeper::until_up(redis, redis_config.connect_timeout).await
        {
            let error = redis.link.last_error().map(|error| error.to_string());
            tracing::error!(error, "Redis is out of reach; the cache works without it and goes on trying");
        }
        Ok(manager)
    }

    fn over(core: Core) -> Self {
        Self { core: Arc::new(core), keeper: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    /// The cache of that name, with how its entries are kept. Whoever asks for the same name again gets the same cache.
    ///
    /// # Errors
    /// A name of other characters than `a`–`z`, `0`–`9`, `_` and `-`, or of a cache for values of another type; an option
    /// out of range; more than 64 caches.
    pub fn cache<V>(&self, name: &str, options: EntryOptions<V>) -> Result<Cache<V>, Refused>
    where
        V: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        options.check()?;
        let id = self.core.names.register::<V>(name, options.levels)?;
        Ok(Cache { core: Arc::clone(&self.core), id, name: name.into(), options: Arc::new(options) })
    }

    /// What holds callers to rates over all processes that share this cache's Redis, or within this process where it has none.
    pub fn rate_limiter(&self) -> SharedRateLimiter {
        SharedRateLimiter { core: Arc::clone(&self.core), local: LocalRateLimiter::new() }
    }

    /// Outdates everything that carries `tag`, in all caches and on all nodes. The cost does not depend on how much that is:
    /// one time is written, and entries are left where they are, to be replaced or to give way.
    ///
    /// # Errors
    /// A tag that no entry can carry.
    pub async fn invalidate_tag(&self, tag: &str) -> Result<(), Refused> {
        check_tag(tag)?;
        self.core.invalidate(Stripe::of_tag(tag)).await;
        Ok(())
    }

    /// As [`invalidate_tag`](Self::invalidate_tag), for what is invalidated many times a second: here at once, on other
    /// nodes within a second, and nobody waits for Redis.
    ///
    /// # Errors
    /// A tag that no entry can carry.
    pub fn invalidate_tag_soon(&self, tag: &str) -> Result<(), Refused> {
        check_tag(tag)?;
        self.core.invalidate_soon(Stripe::of_tag(tag));
        Ok(())
    }

    /// Outdates everything whose key begins with `prefix`: a cache's name and parts of its keys, up to a colon, such as
    /// `ads:` or `ads:42:`. Each entry carries such prefixes of its key as tags, so this costs what a tag does.
    ///
    /// # Errors
    /// A prefix that does not end at a colon, or of more than five parts.
    pub async fn invalidate_prefix(&self, prefix: &str) -> Result<(), Refused> {
        check_text("prefix", prefix, super::entries::MAX_KEY_BYTES)?;
        let refused = || Refused::Prefix { prefix: prefix.to_owned(), max: MAX_PREFIX_PARTS };
        let parts = prefix_parts(prefix).ok_or_else(refused)?;
        self.core.invalidate(Stripe::of_prefix(parts.into_iter())).await;
        Ok(())
    }

    /// Outdates everything, on all nodes, also what loads under way will bring. Redis frees entries as their time comes;
    /// [`sweep`](Self::sweep) with `*` frees them now.
    pub async fn clear(&self) {
        self.core.invalidate(Stripe::EVERYTHING).await;
        if let Some(memory) = &self.core.memory {
            memory.clear();
        }
    }

    /// Drops what has a key that matches `glob`, a pattern as Redis knows it over a cache's name, a colon and the key, such
    /// as `ads:*:draft`: in this process, in Redis, and then on the other nodes.
    ///
    /// It looks at every key that there is: page by page, so that Redis serves others meanwhile, and `progress` is told of
    /// each. Tags and prefixes cost nothing of the kind. Loads that are under way are not reached.
    ///
    /// # Errors
    /// [`SweepError::Refused`] where the pattern cannot match anything, [`SweepError::Redis`] where Redis failed meanwhile.
    pub async fn sweep(&self, glob: &str, mut progress: impl FnMut(Swept)) -> Result<Swept, SweepError> {
        glob::check(glob)?;
        let mut swept = Swept { in_memory: self.core.sweep_memory(glob), ..Swept::default() };
        progress(swept);
        let Some(redis) = &self.core.redis else {
            return Ok(swept);
        };
        let failed = |error: super::redis::RedisError| SweepError::Redis { reason: error.to_string() };
        let mut pages = redis.scan(glob);
        while let Some(page) = pages.recv().await {
            let keys = page.map_err(failed)?;
            swept.pages += 1;
            if !keys.is_empty() {
                swept.in_redis += redis.unlink(keys).await.map_err(failed)?;
            }
            progress(swept);
        }
        // Who read meanwhile may have brought back what was not swept yet in Redis.
        swept.in_memory += self.core.sweep_memory(glob);
        progress(swept);
        redis.tell(Says::Sweep(glob)).await.map_err(failed)?;
        Ok(swept)
    }

    /// What the caches did so far, and what they hold. Nobody is asked for it.
    pub fn stats(&self) -> CacheStatistics {
        self.core.stats()
    }

    /// Whether there is a level in Redis, and it is asked.
    pub fn redis_state(&self) -> Option<RedisState> {
        self.core.redis.as_ref().map(state_of)
    }

    /// Whether Redis, and so the other nodes, do not know of all that was written and invalidated here.
    pub fn has_untold(&self) -> bool {
        self.core.redis.as_ref().is_some_and(|redis| self.core.has_untold(redis))
    }

    /// What the caches of the other nodes did that answer within `patience`; nothing where Redis is out of reach.
    pub async fn other_nodes(&self, patience: Duration) -> Option<Vec<NodeStatistics>> {
        let redis = self.core.redis.as_ref()?;
        let _turn = self.asking.lock().await;
        let (sender, mut answers) = mpsc::unbounded_channel();
        let listen = |sender| *self.core.answers.lock().unwrap_or_else(PoisonError::into_inner) = sender;
        listen(Some(sender));
        let is_asked = redis.tell(Says::Ask).await.is_ok();
        let mut nodes = Vec::new();
        if is_asked {
            let until = tokio::time::Instant::now() + patience;
            while let Ok(Some(answer)) = timeout_at(until, answers.recv()).await {
                nodes.push(answer);
            }
        }
        listen(None);
        nodes.sort_by(|one, other| one.node.cmp(&other.node));
        is_asked.then_some(nodes)
    }

    /// Ends the connections to Redis, once what waits to be told was tried once more; within three seconds.
    pub async fn close(&self) {
        let Some(redis) = &self.core.redis else {
            return;
        };
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        let last_words = async {
            if redis.link.is_up() {
                self.core.tell(redis).await;
                if let Err(error) = redis.replay().await {
                    tracing::debug!(%error, "Redis took no more writes");
                }
            }
        };
        let is_in_time = timeout(LAST_WORDS, last_words).await.is_ok();
        if self.has_untold() {
            let waiting = redis.replay.counts().0;
            tracing::warn!(waiting, is_in_time, "Redis was not told of all writes before the end");
        }
        redis.close().await;
    }
}

/// How far a sweep has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Pages of keys that Redis has looked through.
    pub pages: u64,
    /// Keys that were dropped from the memory of this process.
    pub in_memory: u64,
    /// Keys that were freed in Redis.
    pub in_redis: u64,
}

/// Why a sweep did not come to its end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SweepError {
    /// Its pattern.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Redis failed. What was swept until then is gone; sweep again.
    #[error("the sweep broke off: {reason}; what is left is swept by another one")]
    Redis {
        /// How.
        reason: String,
    },
}

impl Core {
    pub(super) fn stats(&self) -> CacheStatistics {
        if let Some(memory) = &self.memory {
            memory.settle();
        }
        let caches = self.names.all().into_iter().map(|(cache, name, levels)| {
            let memory = self.memory.as_ref().filter(|_| levels != Levels::Redis);
            let has_redis = self.redis.is_some() && levels != Levels::Memory;
            let holding = memory.map(|memory| memory.holding(cache));
            named_stats(name.into(), self.counters(cache), holding, has_redis)
        });
        CacheStatistics {
            caches: caches.collect(),
            invalidations: self.invalidations.get(),
            refusals: self.refusals.get(),
            redis: self.redis.as_ref().map(redis_stats),
        }
    }
}

fn named_stats(
    name: String,
    counters: &Counters,
    holding: Option<Holding>,
    has_redis: bool,
) -> NamedCacheStatistics {
    let Counters { memory, redis, loads, load_failures, load_timeouts, load_time, waits, writes } = counters;
    let in_memory = |Holding { entries, bytes, evictions }| LevelStatistics {
        entries,
        bytes,
        evictions,
        ..memory.snapshot()
    };
    NamedCacheStatistics {
        name,
        memory: holding.map(in_memory),
        redis: has_redis.then(|| redis.snapshot()),
        loads: loads.get(),
        load_failures: load_failures.get(),
        load_timeouts: load_timeouts.get(),
        load_time: load_time.snapshot(),
        waits: waits.get(),
        writes: writes.get(),
    }
}

fn redis_stats(redis: &RedisCacheStrategy) -> RedisStatistics {
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let (waiting, bytes, replayed, dropped) = redis.replay.counts();
    let server = redis.server().map(|facts| RedisServerStatistics {
        keys: facts.keys,
        used_bytes: facts.used_bytes,
        max_bytes: facts.max_bytes,
        evictions: facts.evictions,
    });
    RedisStatistics {
        state: state_of(redis),
        since: redis.link.since().elapsed(),
        last_error: redis.link.last_error().map(|error| error.kind.to_string()),
        timeouts: read(&redis.counts.timeouts),
        errors: read(&redis.counts.errors),
        unasked: read(&redis.counts.unasked),
        outages: redis.link.openings(),
        recoveries: read(&redis.counts.recoveries),
        messages: read(&redis.counts.heard),
        replay: ReplayStatistics { waiting, bytes, replayed, dropped },
        server,
    }
}

fn state_of(redis: &RedisCacheStrategy) -> RedisState {
    match redis.link.state() {
        LinkState::Up if redis.link.takes_no_writes() => RedisState::ReadOnly,
        LinkState::Up => RedisState::Up,
        LinkState::Down => RedisState::Down,
        LinkState::Recovering => RedisState::Recovering,
    }
}

impl fmt::Debug for CacheManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheManager")
            .field("memory", &self.core.memory)
            .field("redis", &self.core.redis)
            .finish_non_exhaustive()
    }
}
