use adstead_domain::port;
use serde::Serialize;
use utoipa::ToSchema;

use super::times::{Times, ms};

/// The cache.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cache {
    /// What is cached, each thing in a cache of its own.
    caches: Vec<NamedCache>,
    /// Tags and prefixes that this node invalidated, and clearings.
    invalidations: u64,
    /// Values that could not be kept as they were given.
    refusals: u64,
    /// Redis; nothing where nodes share no cache.
    #[schema(required)]
    redis: Option<Redis>,
}

/// One cache.
#[derive(Serialize, ToSchema)]
pub(crate) struct NamedCache {
    #[schema(example = "ads")]
    name: String,
    /// Its level in memory; nothing where it has none.
    #[schema(required)]
    memory: Option<Level>,
    /// Its level in Redis; nothing where there is none. How many entries it holds, and what they take, is not known.
    #[schema(required)]
    redis: Option<Level>,
    /// Loads that were run for misses; many misses may share one.
    loads: u64,
    load_failures: u64,
    /// Loads that took too long and were given up.
    load_timeouts: u64,
    /// How long loads took.
    load_time: Times,
    /// Readers that waited for a load of somebody else's.
    waits: u64,
    /// Keys that were set or deleted.
    writes: u64,
}

/// One level of a cache.
#[derive(Serialize, ToSchema)]
pub(crate) struct Level {
    hits: u64,
    misses: u64,
    /// Reads that were given an old value for want of a new one.
    stale: u64,
    /// Misses that found something broken, somebody else's, or of another version.
    unusable: u64,
    /// Entries that gave way to others.
    evictions: u64,
    entries: u64,
    bytes: u64,
}

/// Redis, as the cache sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Redis {
    /// `up`: it is asked. `read_only`: it answers, and takes no writes. `down`: it failed, and is tried in the background.
    /// `recovering`: it is back, and is told what it missed.
    #[schema(example = "up")]
    state: &'static str,
    /// For how long that has been so.
    since_ms: f64,
    #[schema(required)]
    last_error: Option<String>,
    /// Commands that were not answered in time.
    timeouts: u64,
    /// Commands that failed otherwise.
    errors: u64,
    /// Reads that did not ask it, since it was out of reach.
    unasked: u64,
    /// How often it was given up.
    outages: u64,
    /// How often the level in memory was emptied, since messages may have been missed.
    recoveries: u64,
    /// Messages of other nodes.
    messages: u64,
    /// What it could not be told yet.
    replay: Replay,
    /// How its servers were when they were last asked, summed up.
    #[schema(required)]
    server: Option<RedisServer>,
}

/// Writes and deletions of keys that Redis could not be told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Replay {
    /// Those that wait.
    waiting: u64,
    bytes: u64,
    /// Those that were made later, as deletions.
    replayed: u64,
    /// Those that were dropped for want of room, and made up for by clearing everything.
    dropped: u64,
}

/// What servers of Redis tell of themselves, other users of them included.
#[derive(Serialize, ToSchema)]
pub(crate) struct RedisServer {
    keys: u64,
    used_bytes: u64,
    /// Zero is no bound.
    max_bytes: u64,
    evictions: u64,
}

impl From<port::CacheStatistics> for Cache {
    fn from(cache: port::CacheStatistics) -> Self {
        let port::CacheStatistics { caches, invalidations, refusals, redis } = cache;
        Self {
            caches: caches.into_iter().map(NamedCache::from).collect(),
            invalidations,
            refusals,
            redis: redis.map(Redis::from),
        }
    }
}

impl From<port::NamedCacheStatistics> for NamedCache {
    fn from(cache: port::NamedCacheStatistics) -> Self {
        let port::NamedCacheStatistics {
            name,
            memory,
            redis,
            loads,
            load_failures,
            load_timeouts,
            load_time,
            waits,
            writes,
        } = cache;
        Self {
            name,
            memory: memory.map(Level::from),
            redis: redis.map(Level::from),
            loads,
            load_failures,
            load_timeouts,
            load_time: (&load_time).into(),
            waits,
            writes,
        }
    }
}

impl From<port::LevelStatistics> for Level {
    fn from(level: port::LevelStatistics) -> Self {
        let port::LevelStatistics { hits, misses, stale, unusable, evictions, entries, bytes } = level;
        Self { hits, misses, stale, unusable, evictions, entries, bytes }
    }
}

impl From<port::RedisStatistics> for Redis {
    fn from(redis: port::RedisStatistics) -> Self {
        let port::RedisStatistics {
            state,
            since,
            last_error,
            timeouts,
            errors,
            unasked,
            outages,
            recoveries,
            messages,
            replay,
            server,
        } = redis;
        let port::ReplayStatistics { waiting, bytes, replayed, dropped } = replay;
        let server = server.map(|server| {
            let port::RedisServerStatistics { keys, used_bytes, max_bytes, evictions } = server;
            RedisServer { keys, used_bytes, max_bytes, evictions }
        });
        Self {
            state: state.as_str(),
            since_ms: ms(since),
            last_error,
            timeouts,
            errors,
            unasked,
            outages,
            recoveries,
            messages,
            replay: Replay { waiting, bytes, replayed, dropped },
            server,
        }
    }
}
