use std::time::Duration;

/// How a database is opened and its connections are shared.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// The database's address: `sqlite://` and the path of its file.
    pub url: String,
    /// Connections that read; one more writes.
    pub max_connections: u32,
    /// How long a caller waits for a free connection before it is turned away.
    pub acquire_timeout: Duration,
    /// How long SQLite waits for a lock that another process holds.
    pub busy_timeout: Duration,
    /// From which time on a statement is logged as slow, without its parameters.
    pub slow_query: Duration,
}

impl DatabaseConfig {
    /// The database at `url` with what suits most: 8 readers, 5 s for a connection or a lock, slow from 250 ms on.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 8,
            acquire_timeout: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            slow_query: Duration::from_millis(250),
        }
    }
}
