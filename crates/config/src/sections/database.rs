use std::time::Duration;

use serde::Deserialize;

use super::{minutes, ms, secs};
use crate::check::Check;
use crate::values::{DatabaseUrl, duration};

/// `[database]`: where the data is kept and how connections are shared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// The database's address.
    pub url: DatabaseUrl,
    /// Connections that read, 1 to 64; one more writes.
    pub max_connections: u32,
    /// How long a request waits for a free connection, 10 ms to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub acquire_timeout: Duration,
    /// How long SQLite waits for a lock that another process holds, up to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub busy_timeout: Duration,
    /// Queries slower than this are logged, 1 ms to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub slow_query: Duration,
    /// Whether `serve` brings the schema up to date.
    pub migrate_on_start: bool,
}

impl DatabaseSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("database.max_connections", self.max_connections, 1..=64);
        check.within("database.acquire_timeout", self.acquire_timeout, ms(10)..=minutes(1));
        check.within("database.busy_timeout", self.busy_timeout, secs(0)..=minutes(1));
        check.within("database.slow_query", self.slow_query, ms(1)..=minutes(1));
    }
}
