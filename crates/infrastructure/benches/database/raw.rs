//! The same databases past us: sqlx alone, with the same settings.

use std::fmt::Write as _;

use adstead_domain::{AccountId, Country, Device, PerformanceEvent, Placement};
use adstead_infrastructure::database::{DatabaseConfig, Engine};
use jiff::Timestamp;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::query_builder::Separated;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Database, Encode, MySqlPool, PgPool, QueryBuilder, SqlitePool, Type};
use uuid::Uuid;

pub(crate) enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
    MariaDb(MySqlPool),
}

impl Raw {
    pub(crate) async fn open(engine: Engine, url: &str) -> Self {
        let most = DatabaseConfig::new(url).max_connections;
        match engine {
            Engine::Sqlite => {
                let options: SqliteConnectOptions = url.parse().expect("a SQLite address");
                let options = options
                    .disable_statement_logging()
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .pragma("cache_size", "-16384");
                let pool = SqlitePoolOptions::new().max_connections(most).test_before_acquire(false);
                Self::Sqlite(pool.connect_with(options).await.expect("it opens"))
            }
            Engine::Postgres => {
                let pool = PgPoolOptions::new().max_connections(most).test_before_acquire(false);
                let options: PgConnectOptions = url.parse().expect("a PostgreSQL address");
                let options = options.disable_statement_logging();
                Self::Postgres(pool.connect_with(options).await.expect("it opens"))
            }
            Engine::MariaDb => {
                let pool = MySqlPoolOptions::new().max_connections(most).test_before_acquire(false);
                let options: MySqlConnectOptions = url.parse().expect("a MariaDB address");
                let options = options.disable_statement_logging();
                Self::MariaDb(pool.connect_with(options).await.expect("it opens"))
            }
        }
    }

    /// The shortest query there is.
    pub(crate) async fn select_1(&self) -> i32 {
        const SELECT: &str = "SELECT 1";
        match self {
            Self::Sqlite(pool) => sqlx::query_scalar(SELECT).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(SELECT).fetch_one(pool).await,
            Self::MariaDb(pool) => sqlx::query_scalar(SELECT).fetch_one(pool).await,
        }
        .expect("an answer")
    }

    /// Writes events, and does nothing else: no look whether they are known, no figures.
    pub(crate) async fn write(&self, account: AccountId, at: Timestamp, events: &[PerformanceEvent]) {
        match self {
            Self::Sqlite(pool) => {
                let mut tx = pool.begin().await.expect("a transaction");
                for some in events.chunks(ROWS) {
                    multi_row(account, at, some).build().execute(&mut *tx).await.expect("rows");
                }
                tx.commit().await.expect("a commit");
            }
            Self::Postgres(pool) => {
                let mut connection = pool.acquire().await.expect("a connection");
                let copy = format!("COPY performance_events ({COLUMNS}) FROM STDIN");
                let mut copy = connection.copy_in_raw(&copy).await.expect("a copy begins");
                copy.send(copy_text(account, at, events).into_bytes()).await.expect("rows");
                copy.finish().await.expect("a copy ends");
            }
            Self::MariaDb(pool) => {
                let mut tx = pool.begin().await.expect("a transaction");
                for some in events.chunks(ROWS) {
                    multi_row(account, at, some).build().execute(&mut *tx).await.expect("rows");
                }
                tx.commit().await.expect("a commit");
            }
        }
    }
}

/// How many rows an `INSERT` has: as many as ours. More are slower on SQLite.
const ROWS: usize = 512;

const COLUMNS: &str = "account_id, id, kind, ad_id, occurred_at, received_at, cost_micros, revenue_micros, \
                       country, device, placement";

fn multi_row<'a, DB>(account: AccountId, at: Timestamp, events: &'a [PerformanceEvent]) -> QueryBuilder<DB>
where
    DB: Database,
    Uuid: Encode<'a, DB> + Type<DB>,
    i64: Encode<'a, DB> + Type<DB>,
    &'a str: Encode<'a, DB> + Type<DB>,
    Option<&'a str>: Encode<'a, DB> + Type<DB>,
{
    let mut insert = QueryBuilder::new(format!("INSERT INTO performance_events ({COLUMNS}) "));
    insert.push_values(events, |mut row: Separated<'_, DB, &'static str>, event| {
        row.push_bind(account.uuid())
            .push_bind(event.id.uuid())
            .push_bind(event.kind.as_str())
            .push_bind(event.ad_id.uuid())
            .push_bind(event.occurred_at.as_microsecond())
            .push_bind(at.as_microsecond())
            .push_bind(event.cost_micros)
            .push_bind(event.revenue_micros)
            .push_bind(event.country.as_ref().map(Country::as_str))
            .push_bind(event.device.map(Device::as_str))
            .push_bind(event.placement.as_ref().map(Placement::as_str));
    });
    insert
}

/// Rows in COPY's text format (<https://www.postgresql.org/docs/current/sql-copy.html>).
fn copy_text(account: AccountId, at: Timestamp, events: &[PerformanceEvent]) -> String {
    let (account, at) = (account.uuid(), at.as_microsecond());
    let mut text = String::with_capacity(events.len() * 200);
    for event in events {
        let (id, kind, ad) = (event.id.uuid(), event.kind.as_str(), event.ad_id.uuid());
        let (occurred, cost, revenue) =
            (event.occurred_at.as_microsecond(), event.cost_micros, event.revenue_micros);
        let country = event.country.as_ref().map_or(r"\N", Country::as_str);
        let device = event.device.map_or(r"\N", Device::as_str);
        let placement = event.placement.as_ref().map_or(r"\N", Placement::as_str);
        writeln!(
            text,
            "{account}\t{id}\t{kind}\t{ad}\t{occurred}\t{at}\t{cost}\t{revenue}\t{country}\t{device}\t{placement}"
        )
        .expect("a string takes all text");
    }
    text
}
