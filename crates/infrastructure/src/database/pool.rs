use std::panic::Location;
use std::sync::Arc;

use adstead_domain::port::PoolStatistics;
use sea_orm::sqlx::{MySqlPool, PgPool, SqlitePool};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use super::gate::{Gate, GateStats, Pass};
use super::statements::Statements;
use super::{DatabaseConfig, Engine, Fault};

/// Connections to one database that callers share, and an account of who holds them, who waits and for how long.
pub struct ConnectionPool {
    role: Role,
    connections: DatabaseConnection,
    gate: Arc<Gate>,
    max_connections: u32,
}

/// What a pool says of itself.
pub type PoolStats = PoolStatistics;

/// What the connections of a pool are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reading and writing.
    All,
    /// Reading: SQLite's readers see the last committed state without waiting for the writer.
    Read,
    /// Writing: SQLite has one writer at a time anyway. Writers queue here, where waiting is fair and bounded, rather
    /// than at SQLite's lock.
    Write,
}

/// What a transaction sees of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Isolation {
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// It is as if transactions ran one after the other.
    Serializable,
}

impl ConnectionPool {
    pub(super) fn new(
        role: Role,
        mut connections: DatabaseConnection,
        max_connections: u32,
        config: &DatabaseConfig,
        statements: &Arc<Statements>,
    ) -> Self {
        let statements = Arc::clone(statements);
        connections.set_metric_callback(move |info| statements.note(&info.statement.sql, info.elapsed));
        let gate = Arc::new(Gate::new(max_connections, config.acquire_timeout, config.long_hold));
        tokio::spawn(Gate::watch(Arc::downgrade(&gate)));
        Self { role, connections, gate, max_connections }
    }

    /// Waits for the right to use one of the connections.
    pub(super) async fn enter(&self, place: &'static Location<'static>) -> Result<Pass<'_>, Fault> {
        self.gate.enter(place).await
    }

    pub(super) fn connections(&self) -> &DatabaseConnection {
        &self.connections
    }

    /// Begins a transaction.
    ///
    /// On SQLite it holds the write lock from its first moment: it cannot fail half-way for want of it, and runs alone in
    /// any case. On servers the sessions are READ COMMITTED from their beginning.
    pub(super) async fn begin(&self, isolation: Isolation) -> Result<DatabaseTransaction, DbErr> {
        let isolation_level = match (isolation, self.engine()) {
            (Isolation::Serializable, Engine::Postgres | Engine::MariaDb) => {
                Some(IsolationLevel::Serializable)
            }
            (Isolation::ReadCommitted, _) | (_, Engine::Sqlite) => None,
        };
        let options = TransactionOptions {
            isolation_level,
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.connections.begin_with_options(options).await
    }

    /// How the pool is doing.
    pub fn stats(&self) -> PoolStats {
        let GateStats { in_use, waiting, acquires, timeouts, long_holds, wait, held, longest_holder } =
            self.gate.stats();
        let (size, idle) = match self.engine() {
            Engine::Sqlite => of(self.sqlite(), SqlitePool::size, SqlitePool::num_idle),
            Engine::Postgres => of(self.postgres(), PgPool::size, PgPool::num_idle),
            Engine::MariaDb => of(self.mariadb(), MySqlPool::size, MySqlPool::num_idle),
        };
        PoolStats {
            role: self.role.name(),
            size,
            idle,
            in_use,
            max: self.max_connections,
            waiting,
            acquires,
            timeouts,
            wait,
            held,
            longest_holder,
            long_holds,
        }
    }

    /// Turns away who waits, waits for who holds a connection, and closes all.
    pub(super) async fn close(&self) {
        self.gate.close();
        match self.engine() {
            Engine::Sqlite => self.sqlite().close().await,
            Engine::Postgres => self.postgres().close().await,
            Engine::MariaDb => self.mariadb().close().await,
        }
    }

    pub(super) fn engine(&self) -> Engine {
        Engine::of(&self.connections)
    }

    /// A connection to MariaDB that is none of this pool's: it is made once it is needed, and closed when it is dropped,
    /// with the locks that its session holds.
    pub(super) fn connection_apart(&self) -> DatabaseConnection {
        let pool = self.mariadb();
        let options = pool.options().clone().min_connections(0).max_connections(1);
        let options = options
            .idle_timeout(None)
            .max_lifetime(None)
            // sqlx would wait for the answer to what was under way when the caller gave up, which may never come.
            .after_release(|_, _| Box::pin(async { Ok(false) }));
        options.connect_lazy_with((*pool.connect_options()).clone()).into()
    }

    fn sqlite(&self) -> &SqlitePool {
        self.connections.get_sqlite_connection_pool()
    }

    fn postgres(&self) -> &PgPool {
        self.connections.get_postgres_connection_pool()
    }

    fn mariadb(&self) -> &MySqlPool {
        self.connections.get_mysql_connection_pool()
    }
}

fn of<P>(pool: &P, size: impl Fn(&P) -> u32, idle: impl Fn(&P) -> usize) -> (u32, u32) {
    (size(pool), u32::try_from(idle(pool)).unwrap_or(u32::MAX))
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}
