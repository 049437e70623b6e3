//! How the system itself is doing.

use async_trait::async_trait;

use super::PortError;

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
}

/// What was counted of the database's connections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseStatistics {
    /// The engine's name.
    pub engine: String,
    /// Connections that are open.
    pub connections: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// The most connections that may be open.
    pub max_connections: u32,
    /// Transactions that were committed.
    pub transactions: u64,
    /// Transactions that were run again after a passing error.
    pub retries: u64,
    /// Calls that failed.
    pub errors: u64,
}

/// What was counted of the cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheStatistics {
    /// Reads that found a value.
    pub hits: u64,
    /// Reads that found none.
    pub misses: u64,
    /// Loads that were run for misses.
    pub loads: u64,
    /// Loads that failed.
    pub load_failures: u64,
    /// Values that were dropped for want of room.
    pub evictions: u64,
    /// Keys and tags that were declared out of date.
    pub invalidations: u64,
    /// Values that are kept.
    pub entries: u64,
    /// Their weight, in bytes.
    pub bytes: u64,
}

/// What was counted of the file storage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageStatistics {
    /// Files that were stored.
    pub puts: u64,
    /// Files that were read.
    pub gets: u64,
    /// Files that were removed.
    pub deletes: u64,
    /// Files that were refused by the rules.
    pub refusals: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Bytes that were stored.
    pub bytes_in: u64,
    /// Bytes that were read.
    pub bytes_out: u64,
}

/// What was counted of one external service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceStatistics {
    /// Its name in the settings.
    pub name: String,
    /// Calls that were made, each attempt counted.
    pub calls: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Attempts that were made after a failed one.
    pub retries: u64,
    /// The mean time of a call, in milliseconds.
    pub mean_latency_ms: f64,
    /// The last failure, in words, without its cause: that may speak of one account's business.
    pub last_error: Option<String>,
}
