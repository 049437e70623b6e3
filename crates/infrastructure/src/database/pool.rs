use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions, Connection, SqlitePool};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tracing::log::LevelFilter;

use super::retry::Backoff;
use super::{DatabaseConfig, DatabaseError, Fault, OpenError};

/// The connections of a SQLite database: one that writes, since SQLite has one writer at a time anyway, and several that
/// read beside it.
///
/// Write-ahead logging lets readers see the last committed state without waiting. `synchronous = FULL` makes a commit
/// durable before it is acknowledged. Writers queue here, where waiting is fair and bounded, rather than at SQLite's lock.
pub struct ConnectionPool {
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    max_connections: u32,
    busy_timeout: Duration,
}

/// How many connections there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Connections that are open.
    pub size: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// The most connections that may be open.
    pub max: u32,
}

impl ConnectionPool {
    /// The most memory for pages that the writer keeps, in KiB: enough to hold the hot end of the event tables.
    const WRITER_CACHE_KIB: u32 = 16 * 1024;

    pub(super) async fn open(config: &DatabaseConfig) -> Result<Self, OpenError> {
        let path = file_of(&config.url)?;
        make_folder(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .busy_timeout(config.busy_timeout)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full)
            .log_statements(LevelFilter::Off)
            .log_slow_statements(LevelFilter::Warn, config.slow_query);
        let pool = SqlitePoolOptions::new()
            .acquire_timeout(config.acquire_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            // A file does not hang up: asking each connection first would double the cost of a short query.
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }));

        let writer = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("cache_size", format!("-{}", Self::WRITER_CACHE_KIB));
        let backoff = Backoff::new(config.busy_timeout);
        let writer = open_writer(pool.clone().max_connections(1), writer, backoff).await.map_err(
            |source| match source.fault {
                Fault::Corrupt => OpenError::NotADatabase { path },
                _ => OpenError::File { path, source },
            },
        )?;
        let readers = pool
            .max_connections(config.max_connections)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self {
            writer: writer.into(),
            readers: readers.into(),
            max_connections: config.max_connections.saturating_add(1),
            busy_timeout: config.busy_timeout,
        })
    }

    /// The connections that read.
    pub(super) fn readers(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// The waits of a transaction that runs again.
    pub(super) fn backoff(&self) -> Backoff {
        Backoff::new(self.busy_timeout)
    }

    /// Begins a transaction that holds the write lock from its first moment: it cannot fail half-way for want of it.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writer.begin_with_options(immediate).await
    }

    /// How many connections there are.
    pub fn stats(&self) -> PoolStats {
        let pools = [&self.writer, &self.readers].map(DatabaseConnection::get_sqlite_connection_pool);
        PoolStats {
            size: pools.iter().map(|pool| pool.size()).sum(),
            idle: pools.iter().map(|pool| u32::try_from(pool.num_idle()).unwrap_or(u32::MAX)).sum(),
            max: self.max_connections,
        }
    }

    /// Waits for the connections in use and closes all. The writer goes last: SQLite then folds the log into the file.
    pub(super) async fn close(&self) {
        for pool in [&self.readers, &self.writer] {
            pool.get_sqlite_connection_pool().close().await;
        }
    }
}

/// Switching a new file to write-ahead logging takes a lock for which SQLite does not wait by itself.
async fn open_writer(
    pool: SqlitePoolOptions,
    options: SqliteConnectOptions,
    mut backoff: Backoff,
) -> Result<SqlitePool, DatabaseError> {
    loop {
        let opened: Result<_, sqlx::Error> = pool.clone().connect_with(options.clone()).await;
        let error = match opened.map_err(DatabaseError::from) {
            Ok(pool) => return Ok(pool),
            Err(error) => error,
        };
        match backoff.next_wait() {
            Some(wait) if error.is_retryable() => tokio::time::sleep(wait).await,
            Some(_) | None => return Err(error),
        }
    }
}

/// The file that `url` names.
fn file_of(url: &str) -> Result<PathBuf, OpenError> {
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(OpenError::InvalidUrl { problem: "has no scheme" });
    };
    if scheme != "sqlite" {
        return Err(OpenError::UnsupportedScheme { scheme: scheme.to_owned() });
    }
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let problem = match path {
        "" | "/" => "names no file",
        ":memory:" => "names a database in memory, which cannot have several connections",
        _ if path.contains('?') => "has parameters, which are not taken",
        _ if path.ends_with('/') => "names a folder",
        _ => return Ok(PathBuf::from(path)),
    };
    Err(OpenError::InvalidUrl { problem })
}

fn make_folder(file: &Path) -> Result<(), OpenError> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|source| OpenError::Folder { path: folder.to_owned(), source }),
        Some(_) | None => Ok(()),
    }
}
