//! How the cache is doing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Durations;

/// What a manager's caches did since it was made, and what they hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CacheStatistics {
    /// Each cache, in the order in which they were named.
    pub caches: Vec<NamedCacheStatistics>,
    /// Tags and prefixes that this process invalidated, and clearings.
    pub invalidations: u64,
    /// Values that could not be kept as they were given: a key, tag or size out of bounds.
    pub refusals: u64,
    /// Redis, where there is such a level.
    pub redis: Option<RedisStatistics>,
}

/// What one cache did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NamedCacheStatistics {
    /// Its name.
    pub name: String,
    /// Its level in memory, where there is one.
    pub memory: Option<LevelStatistics>,
    /// Its level in Redis, where there is one; entries and bytes are not known of it.
    pub redis: Option<LevelStatistics>,
    /// Loads that were started; many misses may share one.
    pub loads: u64,
    /// Loads that failed.
    pub load_failures: u64,
    /// Loads that were given up, since they took too long.
    pub load_timeouts: u64,
    /// How long loads took.
    pub load_time: Durations,
    /// Readers that waited for a load of somebody else's.
    pub waits: u64,
    /// Keys that were set or deleted.
    pub writes: u64,
}

/// What one level did for one cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelStatistics {
    /// Reads that found what they looked for.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Reads that were given an old value for want of a new one. They are no hits.
    pub stale: u64,
    /// Reads that found something that is none of ours, broken, or written in another version of its type. They are misses.
    pub unusable: u64,
    /// Entries that gave way to others.
    pub evictions: u64,
    /// Entries held, those included that are outdated and not yet replaced.
    pub entries: u64,
    /// Estimated memory of the entries, in bytes.
    pub bytes: u64,
}

/// What is known of Redis.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedisStatistics {
    /// Whether it is asked.
    pub state: RedisState,
    /// For how long that has been so.
    pub since: Duration,
    /// The last failure, in words.
    pub last_error: Option<String>,
    /// Commands that were not answered in time.
    pub timeouts: u64,
    /// Commands that failed otherwise.
    pub errors: u64,
    /// Reads that did not ask it, since it was out of reach.
    pub unasked: u64,
    /// How often it was given up.
    pub outages: u64,
    /// How often the level in memory was emptied, since messages may have been missed: once at the start, and after each
    /// lost connection.
    pub recoveries: u64,
    /// Messages of other nodes.
    pub messages: u64,
    /// What it could not be told yet.
    pub replay: ReplayStatistics,
    /// How its servers were when they were last asked, summed up.
    pub server: Option<RedisServerStatistics>,
}

/// Whether Redis is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedisState {
    /// It is.
    Up,
    /// It answers, but takes no writes: it is a replica, cannot save, or has no memory left.
    ReadOnly,
    /// It is not: it failed, and is tried in the background.
    #[default]
    Down,
    /// Not yet: it is back, and is being told what it missed.
    Recovering,
}

impl RedisState {
    /// As operators read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::ReadOnly => "read_only",
            Self::Down => "down",
            Self::Recovering => "recovering",
        }
    }
}

/// Writes and deletions of keys that Redis could not be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayStatistics {
    /// Those that wait.
    pub waiting: u64,
    /// What their keys take, in bytes.
    pub bytes: u64,
    /// Those that were made later, as deletions.
    pub replayed: u64,
    /// Those that were dropped for want of room, in whose place everything is cleared.
    pub dropped: u64,
}

/// What servers tell of themselves, other users of them included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedisServerStatistics {
    /// Keys in all databases.
    pub keys: u64,
    /// Memory in use, in bytes.
    pub used_bytes: u64,
    /// The most that may be used; zero is no bound.
    pub max_bytes: u64,
    /// Keys that gave way to others since the servers started.
    pub evictions: u64,
}
