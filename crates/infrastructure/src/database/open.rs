//! Opens the connections of each engine.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sea_orm::sqlx::pool::{PoolConnectionMetadata, PoolOptions};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection, Executor, SqlitePool};
use tracing::log::LevelFilter;

use super::address::Address;
use super::place::Place;
use super::pool::Role;
use super::retry::Backoff;
use super::statements::Statements;
use super::suspicion::Suspicion;
use super::{ConnectionPool, DatabaseConfig, DatabaseError, Engine, Fault, OpenError};

/// The pools of a database: one for reading and one for writing, which are the same on a server.
pub(super) struct Pools {
    pub(super) reading: Arc<ConnectionPool>,
    pub(super) writing: Arc<ConnectionPool>,
    pub(super) suspicion: Arc<Suspicion>,
    pub(super) statements: Arc<Statements>,
}

impl Pools {
    pub(super) async fn open(config: &DatabaseConfig) -> Result<Self, OpenError> {
        let statements = Arc::new(Statements::new(config.slow_query));
        let suspicion = Arc::new(Suspicion::new());
        let one = |connections| {
            let pool =
                ConnectionPool::new(Role::All, connections, config.max_connections, config, &statements);
            let pool = Arc::new(pool);
            (Arc::clone(&pool), pool)
        };
        let (reading, writing) = match config.url.parse()? {
            Address::Sqlite(path) => {
                let (readers, writer) = sqlite(&path, config).await?;
                let reading = ConnectionPool::new(
                    Role::Read,
                    readers.into(),
                    config.max_connections,
                    config,
                    &statements,
                );
                let writing = ConnectionPool::new(Role::Write, writer.into(), 1, config, &statements);
                (Arc::new(reading), Arc::new(writing))
            }
            Address::Postgres(options) => one(postgres(options, config, &suspicion).await?.into()),
            Address::MariaDb(options) => one(mariadb(options, config, &suspicion).await?.into()),
        };
        Ok(Self { reading, writing, suspicion, statements })
    }

    /// Each pool once.
    pub(super) fn all(&self) -> impl Iterator<Item = &ConnectionPool> {
        let both = (!Arc::ptr_eq(&self.reading, &self.writing)).then_some(&*self.reading);
        [&*self.writing].into_iter().chain(both)
    }
}

/// The most memory for pages that SQLite's writer keeps, in KiB: enough to hold the hot end of the event tables.
const WRITER_CACHE_KIB: u32 = 16 * 1024;

/// How many rows SQLite's thread may be ahead of whoever reads them: more than a page has, so that it never waits.
const ROWS_AHEAD: usize = 256;

/// Readers, and the writer.
///
/// Write-ahead logging lets readers see the last committed state without waiting. `synchronous = FULL` makes a commit
/// durable before it is acknowledged.
async fn sqlite(path: &Path, config: &DatabaseConfig) -> Result<(SqlitePool, SqlitePool), OpenError> {
    make_folder(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(config.lock_timeout)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .row_buffer_size(ROWS_AHEAD)
        .log_statements(LevelFilter::Off)
        .log_slow_statements(LevelFilter::Off, config.slow_query);
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
        .pragma("cache_size", format!("-{WRITER_CACHE_KIB}"));
    let backoff = Backoff::new(config.lock_timeout);
    let refused = |source: DatabaseError| {
        let path = path.to_owned();
        match source.fault {
            Fault::Corrupt => OpenError::NotADatabase { path },
            _ => OpenError::File { path, source },
        }
    };
    let writer = sqlite_writer(pool.clone().max_connections(1), writer, backoff).await.map_err(refused)?;
    check_writable(options.clone()).await.map_err(refused)?;
    let readers = pool
        .min_connections(config.min_connections)
        .max_connections(config.max_connections)
        .connect_lazy_with(options.pragma("query_only", "ON"));
    Ok((readers, writer))
}

fn make_folder(file: &Path) -> Result<(), OpenError> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|source| OpenError::Folder { path: folder.to_owned(), source }),
        Some(_) | None => Ok(()),
    }
}

/// Switching a new file to write-ahead logging takes a lock for which SQLite does not wait by itself.
async fn sqlite_writer(
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

/// Begins to write, and takes it back. SQLite opens a file that may only be read without a word, and fails at what is
/// written first.
///
/// # Errors
/// The file may only be read. Whoever else holds the lock, or whatever fails besides, is met by those who write.
async fn check_writable(options: SqliteConnectOptions) -> Result<(), DatabaseError> {
    let mut connection = options.busy_timeout(Duration::ZERO).connect().await.map_err(DatabaseError::from)?;
    let written = connection.execute("BEGIN IMMEDIATE; PRAGMA user_version = 0; ROLLBACK").await;
    hang_up(connection).await;
    match written.map_err(DatabaseError::from) {
        Err(error) if error.fault == Fault::ReadOnly => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn postgres(
    options: PgConnectOptions,
    config: &DatabaseConfig,
    suspicion: &Arc<Suspicion>,
) -> Result<sqlx::PgPool, OpenError> {
    /// The oldest that has what Adstead uses: unique keys and row triggers on partitioned tables, from 11 and 13 on.
    const OLDEST: u32 = 13_00_00;

    let mut options =
        options.log_statements(LevelFilter::Off).log_slow_statements(LevelFilter::Off, config.slow_query);
    if options.get_application_name().is_none() {
        options = options.application_name("adstead");
    }
    let place = Place {
        server: match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        },
        tcp: options.get_socket().is_none().then(|| (options.get_host().to_owned(), options.get_port())),
        user: options.get_username().to_owned(),
        database: options.get_database().unwrap_or_default().to_owned(),
    };
    let connect = options.connect();
    let mut connection: PgConnection = place.first_connection(connect, config, Engine::MariaDb).await?;
    let version = connection.server_version_num().unwrap_or_default();
    let encoding: String = sqlx::query_scalar("SHOW server_encoding")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| place.refusal(error))?;
    hang_up(connection).await;
    if version < OLDEST {
        let found = format!("PostgreSQL {}.{}", version / 10_000, version % 10_000);
        return Err(OpenError::TooOld { found, needed: "PostgreSQL 13 or later" });
    }
    if encoding != "UTF8" {
        return Err(OpenError::NotUnicode { database: place.database, encoding });
    }
    // A round trip for each new connection: parameters of the start would be refused by pgbouncer.
    let session = format!(
        "SET lock_timeout = {}; SET default_transaction_isolation = 'read committed'",
        config.lock_timeout.as_millis().max(1)
    );
    Ok(server_pool(config, suspicion, session).connect_lazy_with(options))
}

async fn mariadb(
    options: MySqlConnectOptions,
    config: &DatabaseConfig,
    suspicion: &Arc<Suspicion>,
) -> Result<sqlx::MySqlPool, OpenError> {
    let options = options
        // Byte for byte, as the other engines compare texts.
        .charset("utf8mb4")
        .collation("utf8mb4_bin")
        .log_statements(LevelFilter::Off)
        .log_slow_statements(LevelFilter::Off, config.slow_query);
    let place = Place {
        server: match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        },
        tcp: options.get_socket().is_none().then(|| (options.get_host().to_owned(), options.get_port())),
        user: options.get_username().to_owned(),
        database: options.get_database().unwrap_or_default().to_owned(),
    };
    let connect = options.connect();
    let mut connection: MySqlConnection = place.first_connection(connect, config, Engine::Postgres).await?;
    let version: String = sqlx::query_scalar("SELECT version()")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| place.refusal(error))?;
    hang_up(connection).await;
    if !is_new_enough(&version) {
        return Err(OpenError::TooOld {
            found: format!("MariaDB or MySQL {version}"),
            needed: "MariaDB 10.6 or later, or MySQL 8.0 or later",
        });
    }
    let session = format!(
        "SET SESSION innodb_lock_wait_timeout = {}, SESSION sql_mode = CONCAT_WS(',', @@sql_mode, 'STRICT_ALL_TABLES'); \
         SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        lock_wait_timeout(config.lock_timeout)
    );
    Ok(server_pool(config, suspicion, session).connect_lazy_with(options))
}

/// The time that MariaDB and MySQL wait for a lock: whole seconds, of which 1 is the least.
fn lock_wait_timeout(lock_timeout: Duration) -> u128 {
    lock_timeout.as_millis().div_ceil(1000).max(1)
}

/// A pool of connections to a server, each of which begins with the statement `session`.
fn server_pool<DB>(config: &DatabaseConfig, suspicion: &Arc<Suspicion>, session: String) -> PoolOptions<DB>
where
    DB: sqlx::Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let (before, after) = (Arc::clone(suspicion), Arc::clone(suspicion));
    let session: Arc<str> = session.into();
    PoolOptions::new()
        .min_connections(config.min_connections)
        .max_connections(config.max_connections)
        .acquire_timeout(config.acquire_timeout)
        .idle_timeout(config.idle_timeout)
        .max_lifetime(config.max_lifetime)
        .test_before_acquire(false)
        .before_acquire(
            move |connection: &mut DB::Connection, PoolConnectionMetadata { age, idle_for, .. }| {
                let suspicion = before.falls_on(age, idle_for).then(|| Arc::clone(&before));
                Box::pin(async move { sign_of_life(connection, suspicion).await })
            },
        )
        // What is under way when a caller gives up is waited for, and by sqlx without end. A BEGIN among it takes place
        // without sqlx's knowledge: whoever got the connection next would read, and hold locks, in a transaction that
        // nobody ends.
        .after_release(move |connection: &mut DB::Connection, _| {
            let suspicion = after.falls_on_returns().then(|| Arc::clone(&after));
            Box::pin(async move {
                let Some(suspicion) = suspicion else { return Ok(true) };
                let end = async { connection.execute("ROLLBACK").await.map(drop) };
                in_time(end, &suspicion).await
            })
        })
        .after_connect(move |connection: &mut DB::Connection, _| {
            let session = Arc::clone(&session);
            Box::pin(async move {
                connection.execute(AssertSqlSafe(session.to_string())).await?;
                Ok(())
            })
        })
}

/// Asks a connection that is under `suspicion` whether it lives.
///
/// # Errors
/// It is broken, or takes too long to tell that it is not.
async fn sign_of_life<C: Connection>(
    connection: &mut C,
    suspicion: Option<Arc<Suspicion>>,
) -> Result<bool, sqlx::Error> {
    let Some(suspicion) = suspicion else { return Ok(true) };
    in_time(connection.ping(), &suspicion).await
}

/// Whether `sign` came; where it did not in time, or was an error, older connections are suspect too.
async fn in_time(
    sign: impl Future<Output = Result<(), sqlx::Error>>,
    suspicion: &Suspicion,
) -> Result<bool, sqlx::Error> {
    let late = |_elapsed| Err(io::Error::from(io::ErrorKind::TimedOut).into());
    let sign = tokio::time::timeout(Suspicion::PATIENCE, sign).await.unwrap_or_else(late);
    if sign.is_err() {
        suspicion.raise();
    }
    sign.map(|()| true)
}

async fn hang_up(connection: impl Connection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "the first connection to the database was not closed in the regular way");
    }
}

/// Whether `version` is of MariaDB from 10.6 or of MySQL from 8.0 on. MariaDB names itself in it.
fn is_new_enough(version: &str) -> bool {
    let mut numbers =
        version.split(|character: char| !character.is_ascii_digit()).map(|part| part.parse().ok());
    let (major, minor): (u32, u32) =
        (numbers.next().flatten().unwrap_or_default(), numbers.next().flatten().unwrap_or_default());
    let oldest = if version.to_ascii_lowercase().contains("mariadb") { (10, 6) } else { (8, 0) };
    (major, minor) >= oldest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mariadb_waits_for_a_lock_for_no_less_than_it_may() {
        let seconds = |ms| lock_wait_timeout(Duration::from_millis(ms));
        assert_eq!([0, 250, 1000, 1001, 1999, 5000].map(seconds), [1, 1, 1, 2, 2, 5]);
    }

    #[test]
    fn versions_are_told_apart() {
        for good in [
            "10.11.19-MariaDB-0+deb12u1",
            "10.6.0-MariaDB",
            "11.4.2-MariaDB-log",
            "8.0.36",
            "8.4.0-log",
            "9.1.0",
        ] {
            assert!(is_new_enough(good), "{good}");
        }
        for old in ["10.5.23-MariaDB", "5.7.44", "5.5.5", ""] {
            assert!(!is_new_enough(old), "{old}");
        }
    }
}
