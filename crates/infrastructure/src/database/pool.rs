use std::panic::Location;
use std::sync::{Arc, PoisonError, RwLock};

use adstead_domain::port::PoolStatistics;
use sea_orm::sqlx::{self, MySqlPool, PgPool, Pool, SqlitePool};
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
    engine: Engine,
    connections: RwLock<DatabaseConnection>,
    statements: Arc<Statements>,
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
        connections: DatabaseConnection,
        max_connections: u32,
        config: &DatabaseConfig,
        statements: &Arc<Statements>,
    ) -> Self {
        let gate = Arc::new(Gate::new(max_connections, config.acquire_timeout, config.long_hold));
        tokio::spawn(Gate::watch(Arc::downgrade(&gate)));
        let engine = Engine::of(&connections);
        let connections = RwLock::new(observed(connections, statements));
        Self { role, engine, connections, statements: Arc::clone(statements), gate, max_connections }
    }

    /// Waits for the right to use one of the connections.
    pub(super) async fn enter(&self, place: &'static Location<'static>) -> Result<Pass<'_>, Fault> {
        self.gate.enter(place).await
    }

    pub(super) fn connections(&self) -> DatabaseConnection {
        self.connections.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where not one connection is free, gives all of them up and begins with none.
    ///
    /// sqlx asks each connection for a sign of life before it takes it back, and waits for that without end. One whose host
    /// falls silent in this very moment keeps its place until the system gives up, which takes a quarter of an hour.
    pub(super) fn begin_anew(&self) {
        let fresh: Option<DatabaseConnection> = match self.engine {
            Engine::Sqlite => None,
            Engine::Postgres => anew(&self.postgres()).map(Into::into),
            Engine::MariaDb => anew(&self.mariadb()).map(Into::into),
        };
        let Some(fresh) = fresh else { return };
        // Who still holds a connection of old gives it back to the old ones, which go with the last of them.
        *self.connections.write().unwrap_or_else(PoisonError::into_inner) = observed(fresh, &self.statements);
        tracing::warn!(
            connections = self.max_connections,
            "no database connection became usable for long: all of them are given up, and made anew"
        );
    }

    /// Begins a transaction.
    ///
    /// On SQLite it holds the write lock from its first moment: it cannot fail half-way for want of it, and runs alone in
    /// any case. On servers the sessions are READ COMMITTED from their beginning.
    pub(super) async fn begin(&self, isolation: Isolation) -> Result<DatabaseTransaction, DbErr> {
        let isolation_level = match (isolation, self.engine) {
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
        self.connections().begin_with_options(options).await
    }

    /// How the pool is doing.
    pub fn stats(&self) -> PoolStats {
        let GateStats { in_use, waiting, acquires, timeouts, long_holds, wait, held, longest_holder } =
            self.gate.stats();
        let (size, idle) = match self.engine {
            Engine::Sqlite => of(&self.sqlite(), SqlitePool::size, SqlitePool::num_idle),
            Engine::Postgres => of(&self.postgres(), PgPool::size, PgPool::num_idle),
            Engine::MariaDb => of(&self.mariadb(), MySqlPool::size, MySqlPool::num_idle),
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
        match self.engine {
            Engine::Sqlite => self.sqlite().close().await,
            Engine::Postgres => self.postgres().close().await,
            Engine::MariaDb => self.mariadb().close().await,
        }
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine
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

    fn sqlite(&self) -> SqlitePool {
        self.connections().get_sqlite_connection_pool().clone()
    }

    fn postgres(&self) -> PgPool {
        self.connections().get_postgres_connection_pool().clone()
    }

    fn mariadb(&self) -> MySqlPool {
        self.connections().get_mysql_connection_pool().clone()
    }
}

/// `connections`, whose statements are timed.
fn observed(mut connections: DatabaseConnection, statements: &Arc<Statements>) -> DatabaseConnection {
    let statements = Arc::clone(statements);
    connections.set_metric_callback(move |info| statements.note(&info.statement.sql, info.elapsed));
    connections
}

/// A pool as `pool` was at its beginning, where that has no connection to give and may make none.
fn anew<DB: sqlx::Database>(pool: &Pool<DB>) -> Option<Pool<DB>> {
    let options = pool.options();
    let is_spent = pool.num_idle() == 0 && pool.size() >= options.get_max_connections();
    (is_spent && !pool.is_closed())
        .then(|| options.clone().connect_lazy_with((*pool.connect_options()).clone()))
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
