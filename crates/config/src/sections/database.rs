use std::time::Duration;

use serde::Deserialize;

use super::{hours, minutes, ms, secs};
use crate::check::Check;
use crate::values::{DatabaseUrl, duration};

/// `[database]`: where the data is kept and how connections are shared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// The database's address.
    pub url: DatabaseUrl,
    /// Connections that are kept open even when nobody uses them, 0 to 256.
    pub min_connections: u32,
    /// Connections at most, 1 to 256. On SQLite they read; one more writes.
    pub max_connections: u32,
    /// How long a request waits for a free connection, and how long a new one may take: 10 ms to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub acquire_timeout: Duration,
    /// After which time an unused connection to a server is closed, 1 s to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub idle_timeout: Duration,
    /// At which age a connection to a server is replaced, 10 s to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_lifetime: Duration,
    /// How long a transaction waits for a lock that somebody else holds, up to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub lock_timeout: Duration,
    /// Statements slower than this are logged and counted, 1 ms to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub slow_query: Duration,
    /// Whoever holds a connection for longer than this is logged, 100 ms to 1 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub long_hold: Duration,
    /// Whether `serve` brings the schema up to date.
    pub migrate_on_start: bool,
}

impl DatabaseSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("database.min_connections", self.min_connections, 0..=self.max_connections.min(256));
        check.within("database.max_connections", self.max_connections, 1..=256);
        check.within("database.acquire_timeout", self.acquire_timeout, ms(10)..=minutes(1));
        check.within("database.idle_timeout", self.idle_timeout, secs(1)..=hours(24));
        check.within("database.max_lifetime", self.max_lifetime, secs(10)..=hours(24));
        check.within("database.lock_timeout", self.lock_timeout, secs(0)..=minutes(1));
        check.within("database.slow_query", self.slow_query, ms(1)..=minutes(1));
        check.within("database.long_hold", self.long_hold, ms(100)..=hours(1));
    }
}
