use std::fmt;
use std::time::Duration;

/// How a database is opened and its connections are shared.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// The database's address: `sqlite://` and the path of its file; `postgres://` or `mysql://` with user, password, host
    /// and database, and whatever parameters sqlx knows, such as `sslmode`.
    pub url: String,
    /// Connections that are kept open even when nobody uses them. SQLite opens its one writer in any case.
    pub min_connections: u32,
    /// Connections at most. On SQLite they read; one more writes.
    pub max_connections: u32,
    /// How long a caller waits for a free connection before it is turned away, and how long a new one may take.
    pub acquire_timeout: Duration,
    /// After which time an unused connection to a server is closed.
    pub idle_timeout: Duration,
    /// At which age a connection to a server is replaced by a new one.
    pub max_lifetime: Duration,
    /// How long a transaction waits for a lock that somebody else holds; on MariaDB in whole seconds, rounded up, 1 at least.
    pub lock_timeout: Duration,
    /// From which time on a statement is logged as slow, without its parameters.
    pub slow_query: Duration,
    /// From which time on a caller that holds a connection is logged, with the place in the code where it got it.
    pub long_hold: Duration,
}

impl DatabaseConfig {
    /// The database at `url` with what suits most: up to 8 connections, replaced after half an hour; 5 s for a connection
    /// or a lock; statements slow from 250 ms on; a connection held for too long after 30 s.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            min_connections: 0,
            max_connections: 8,
            acquire_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(600),
            max_lifetime: Duration::from_secs(1800),
            lock_timeout: Duration::from_secs(5),
            slow_query: Duration::from_millis(250),
            long_hold: Duration::from_secs(30),
        }
    }
}

/// Leaves the address out, which may hold a password.
impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, max_connections, acquire_timeout, .. } = self;
        f.debug_struct("DatabaseConfig")
            .field("max_connections", max_connections)
            .field("acquire_timeout", acquire_timeout)
            .finish_non_exhaustive()
    }
}
