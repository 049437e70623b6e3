//! How the system itself is doing.

use std::time::Duration;

use async_trait::async_trait;

use super::{AssetTotal, CacheStatistics, Durations, PortError, ServiceStatistics};

/// Tells how the outside systems are doing.
///
/// # Contract
/// - `ready` MUST fail while requests cannot be served: the database is out of reach, or its schema is not this
///   build's. It MUST NOT ask services that Adstead can do without.
/// - `statistics` MUST answer from memory: no outside system is asked.
#[async_trait]
pub trait SystemStatus: Send + Sync {
    /// Whether requests can be served.
    async fn ready(&self) -> Result<(), PortError>;

    /// What was counted since the start.
    fn statistics(&self) -> SystemStatistics;
}

/// What was counted since the start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SystemStatistics {
    /// The database's connections.
    pub database: DatabaseStatistics,
    /// The cache.
    pub cache: CacheStatistics,
    /// The file storage.
    pub storage: StorageStatistics,
    /// External services, by name.
    pub services: Vec<ServiceStatistics>,
    /// Deliveries of events, by subscriber.
    pub outbox: Vec<DeliveryStatistics>,
}

/// What was counted of the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseStatistics {
    /// The engine's name.
    pub engine: &'static str,
    /// The pools of connections: SQLite has one that writes and one that reads, servers have one for both.
    pub pools: Vec<PoolStatistics>,
    /// Transactions that were committed.
    pub transactions: u64,
    /// Calls that were run again after a passing fault, by that fault's name.
    pub retries: Vec<(&'static str, u64)>,
    /// Commits of which nobody knows whether they took effect.
    pub unknown_outcomes: u64,
    /// Calls that failed.
    pub errors: u64,
    /// The shapes of statements that were slow, those first that took the most time in all.
    pub slow_statements: Vec<SlowStatement>,
}

/// What was counted of one pool of connections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolStatistics {
    /// What its connections are for: `write`, `read` or `all`.
    pub role: &'static str,
    /// Connections that are open.
    pub size: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// Callers that hold a connection, or the right to the next that is free.
    pub in_use: u32,
    /// The most connections that may be open.
    pub max: u32,
    /// Callers that wait.
    pub waiting: u32,
    /// Callers that got a connection.
    pub acquires: u64,
    /// Callers that waited in vain and were turned away.
    pub timeouts: u64,
    /// How long callers waited.
    pub wait: Durations,
    /// How long callers held a connection.
    pub held: Durations,
    /// The caller that holds one for the longest time.
    pub longest_holder: Option<Holder>,
    /// Callers that held one for longer than the settings find right.
    pub long_holds: u64,
}

/// A caller that holds a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The place in the code where it got the connection: file and line.
    pub place: String,
    /// For how long it has held it.
    pub held: Duration,
}

/// Statements of one shape that were slow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlowStatement {
    /// The statement with its parameters left out.
    pub shape: String,
    /// How many were slow.
    pub count: u64,
    /// How long they took in all.
    pub total: Duration,
    /// How long the slowest took.
    pub longest: Duration,
}

/// What was counted of the file storage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageStatistics {
    /// What it was asked for.
    pub operations: Vec<StorageOperation>,
    /// Bytes that were stored.
    pub bytes_in: u64,
    /// Bytes that were read.
    pub bytes_out: u64,
    /// Reads that the second place answered, as the first had none or failed.
    pub fallbacks: u64,
    /// The copies on the local disk, where such are kept.
    pub cache: Option<FileCacheStatistics>,
    /// The assets of all accounts by their types, as they were last counted.
    pub assets: Vec<AssetTotal>,
}

/// What was counted of the copies of files on a local disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCacheStatistics {
    /// Reads that were served from the cache.
    pub hits: u64,
    /// Reads that went to the store.
    pub misses: u64,
    /// What the cached files take now, in bytes.
    pub bytes: u64,
    /// How many files are cached now.
    pub files: u64,
    /// Cached files that had to make room.
    pub evictions: u64,
    /// Answers that were given although the store could not be asked.
    pub served_unchecked: u64,
    /// Files that were read and could not be cached, since the disk of the cache failed or is full.
    pub unkept: u64,
}

/// What was counted of one operation of the file storage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageOperation {
    /// Its name, such as `put`.
    pub name: &'static str,
    /// How long it took: that of a `put` holds waiting for its sender, that of a `get` not that for its reader.
    pub times: Durations,
    /// How often it failed, faults of the caller aside.
    pub errors: u64,
}

/// What was counted of the events that one subscriber was told of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryStatistics {
    /// Who was told.
    pub subscriber: String,
    /// Events that were delivered.
    pub delivered: u64,
    /// Deliveries that failed and were put off.
    pub postponed: u64,
    /// Events that became dead letters.
    pub dead: u64,
    /// How long ago the oldest event had happened that the subscriber was not told of, when this node last looked; zero where
    /// there was none.
    pub lag: Duration,
}
