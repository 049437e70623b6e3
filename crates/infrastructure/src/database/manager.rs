use std::panic::Location;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_domain::port::DatabaseStatistics;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction};

use super::open::Pools;
use super::pool::Isolation;
use super::retry::Backoff;
use super::suspicion::Suspicion;
use super::{
    ConnectionPool, DatabaseConfig, DatabaseError, Engine, Fault, Migrations, OpenError, TransactionError,
};
use crate::resilience::Deadline;

/// A database: its connections, its transactions, its schema.
pub struct DatabaseManager {
    engine: Engine,
    pools: Pools,
    config: DatabaseConfig,
    pub(super) migrations: Migrations,
    counters: Counters,
}

#[derive(Default)]
struct Counters {
    transactions: AtomicU64,
    retries: [AtomicU64; Fault::RETRYABLE.len()],
    unknown_outcomes: AtomicU64,
    errors: AtomicU64,
}

impl DatabaseManager {
    /// Opens the database that `config` names, for Adstead's own schema. A SQLite file is made where there is none; a
    /// server's database has to be there. Its schema is left as it is.
    ///
    /// # Errors
    /// Why it cannot be opened, and what to do about it; a database that a newer version has migrated is not opened.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, OpenError> {
        Self::connect_with(config, Migrations::ADSTEAD).await
    }

    /// As [`connect`](Self::connect), for the schema that `migrations` make: Adstead has no part in it.
    ///
    /// # Errors
    /// As `connect`.
    pub async fn connect_with(config: &DatabaseConfig, migrations: Migrations) -> Result<Self, OpenError> {
        let pools = Pools::open(config).await?;
        let engine = pools.writing.engine();
        let counters = Counters::default();
        let manager = Self { engine, pools, config: config.clone(), migrations, counters };
        manager.pending().await?;
        Ok(manager)
    }

    /// Asks the database for a sign of life, whatever its schema: for the health check of a program. The answer is known
    /// within 2 s, or by the caller's [deadline](Deadline::current) where that is sooner.
    ///
    /// Whether the schema is up to date as well is what [`ready`](Self::ready) says.
    ///
    /// # Errors
    /// The database gives none, or no connection became free to ask on.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        let sign = match self.engine {
            // It lies in the file, which `SELECT 1` would not open.
            Engine::Sqlite => "SELECT count(*) FROM sqlite_schema",
            Engine::Postgres | Engine::MariaDb => "SELECT 1",
        };
        let asked = self.read(async |connection| {
            connection.execute_unprepared(sign).await?;
            Ok(())
        });
        Deadline::after(Suspicion::PATIENCE).scope(asked).await
    }

    /// Runs `query` on a connection that reads. Each of its statements sees what was committed before it; on a server it
    /// could write too, which is for [`transaction`](Self::transaction) to do.
    ///
    /// Where the connection was lost, the whole closure runs again. At the caller's
    /// [deadline](Deadline::current) it is cancelled.
    ///
    /// # Errors
    /// What `query` failed with; that no connection became free in time, or no answer came.
    #[track_caller]
    pub fn read<T, E: TransactionError>(
        &self,
        query: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, E> + Clone,
    ) -> impl Future<Output = Result<T, E>> {
        let place = Location::caller();
        async move {
            let mut backoff = self.backoff();
            loop {
                match self.ask(query.clone(), place).await {
                    Ok(value) => return Ok(value),
                    Err(error) => self.wait_to_repeat(error, &mut backoff).await?,
                }
            }
        }
    }

    /// Runs `work` in a transaction and commits what it did: all of it, durably, or nothing.
    ///
    /// On a fault that passes ([`Fault::RETRYABLE`]) the **whole closure** (a clone of it: closures that borrow are
    /// clonable) runs again after a wait, a few times at most; so whatever it does beside the transaction must bear
    /// repetition. An error of its own, a panic, a caller that gives up, or the caller's [deadline](Deadline::current)
    /// rolls the transaction back. A failed commit is never tried again unless the engine says that it did not take place.
    ///
    /// Each statement sees what was committed before it (READ COMMITTED; on SQLite nobody else can commit meanwhile).
    ///
    /// # Errors
    /// What `work` failed with; that no connection became free in time; that the lock was held for too long; a commit
    /// whose [outcome is unknown](Fault::UnknownOutcome).
    #[track_caller]
    pub fn transaction<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, E> + Clone,
    ) -> impl Future<Output = Result<T, E>> {
        self.transact(Isolation::ReadCommitted, work)
    }

    /// As [`transaction`](Self::transaction), and as if it ran alone (SERIALIZABLE): for what depends on the absence of
    /// rows, which nobody can lock. It meets more faults that pass, so it is for what is rare.
    ///
    /// # Errors
    /// As `transaction`.
    #[track_caller]
    pub fn serializable<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, E> + Clone,
    ) -> impl Future<Output = Result<T, E>> {
        self.transact(Isolation::Serializable, work)
    }

    #[track_caller]
    fn transact<T, E: TransactionError>(
        &self,
        isolation: Isolation,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, E> + Clone,
    ) -> impl Future<Output = Result<T, E>> {
        let place = Location::caller();
        async move {
            let mut backoff = self.backoff();
            loop {
                match self.attempt(isolation, work.clone(), place).await {
                    Ok(value) => return Ok(value),
                    Err(error) => self.wait_to_repeat(error, &mut backoff).await?,
                }
            }
        }
    }

    async fn ask<T, E: TransactionError>(
        &self,
        query: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, E>,
        place: &'static Location<'static>,
    ) -> Result<T, E> {
        let pool = &self.pools.reading;
        let _pass = pool.enter(place).await.map_err(DatabaseError::from)?;
        let connections = pool.connections();
        let answer = self.in_time(query(&connections)).await.ok_or(Fault::TimedOut);
        let answer = answer.map_err(DatabaseError::from)??;
        self.pools.suspicion.answered();
        Ok(answer)
    }

    async fn attempt<T, E: TransactionError>(
        &self,
        isolation: Isolation,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, E>,
        place: &'static Location<'static>,
    ) -> Result<T, E> {
        let pool = &self.pools.writing;
        let _pass = pool.enter(place).await.map_err(DatabaseError::from)?;
        let late = match self.engine {
            // What SQLite waits for there is its one lock.
            Engine::Sqlite => Fault::Locked,
            Engine::Postgres | Engine::MariaDb => Fault::Unreachable,
        };
        let begun = self.in_time(pool.begin(isolation)).await.ok_or(late);
        let transaction = begun.map_err(DatabaseError::from)?.map_err(DatabaseError::from)?;
        self.pools.suspicion.answered();
        let outcome = self.in_time(work(&transaction)).await.ok_or(Fault::TimedOut);
        match outcome.map_err(DatabaseError::from)? {
            Ok(value) => {
                let committed = self.in_time(transaction.commit()).await.ok_or(Fault::UnknownOutcome);
                committed.map_err(DatabaseError::from)?.map_err(DatabaseError::of_commit)?;
                self.counters.transactions.fetch_add(1, Ordering::Relaxed);
                Ok(value)
            }
            Err(error) => {
                if let Some(Err(rollback)) = self.in_time(transaction.rollback()).await {
                    // SQLite rolls back by itself where a disk is full; the pool replaces the connection in any case.
                    tracing::debug!(error = %rollback, "a transaction was not rolled back in the regular way");
                }
                Err(error)
            }
        }
    }

    /// What `call` answers; nothing where the caller's deadline comes first, at which it is cancelled.
    async fn in_time<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        let mut call = pin!(call);
        // Dropped before the call and its connection are, where the caller gives up.
        let watch = self.pools.suspicion.call();
        let answer = match Deadline::current() {
            Some(deadline) => deadline.cut(call.as_mut()).await,
            None => Some(call.as_mut().await),
        };
        if answer.is_some() {
            watch.over();
        }
        answer
    }

    /// Waits until a call that failed may run again.
    ///
    /// # Errors
    /// The failure itself, where it is one that stays, or where it is time to give up.
    async fn wait_to_repeat<E: TransactionError>(&self, error: E, backoff: &mut Backoff) -> Result<(), E> {
        let fault = error.database().map(|error| error.fault);
        if matches!(fault, Some(Fault::Disconnected | Fault::UnknownOutcome | Fault::TimedOut)) {
            self.pools.suspicion.raise();
        }
        if matches!(fault, Some(Fault::Unreachable | Fault::TimedOut)) && self.pools.suspicion.starves() {
            self.pools.all().for_each(ConnectionPool::begin_anew);
        }
        let retried = Fault::RETRYABLE.iter().position(|retryable| Some(*retryable) == fault);
        let Some((reason, wait)) = retried.and_then(|reason| Some((reason, backoff.next_wait()?))) else {
            self.note(fault);
            return Err(error);
        };
        self.counters.retries[reason].fetch_add(1, Ordering::Relaxed);
        tracing::debug!(
            fault = Fault::RETRYABLE[reason].name(),
            wait_ms = wait.as_millis(),
            "a call to the database failed for a passing reason and runs again"
        );
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// The waits of calls that run again.
    pub(super) fn backoff(&self) -> Backoff {
        Backoff::new(self.config.lock_timeout)
    }

    /// How long a transaction waits for a lock that somebody else holds.
    pub(super) fn lock_timeout(&self) -> Duration {
        self.config.lock_timeout
    }

    /// A connection to MariaDB of the caller's own.
    pub(super) fn connection_apart(&self) -> DatabaseConnection {
        self.pools.writing.connection_apart()
    }

    fn note(&self, fault: Option<Fault>) {
        let Some(fault) = fault else { return };
        self.counters.errors.fetch_add(1, Ordering::Relaxed);
        if fault == Fault::UnknownOutcome {
            self.counters.unknown_outcomes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The engine behind.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The connections for reading; on a server, for writing too.
    pub fn pool(&self) -> &ConnectionPool {
        &self.pools.reading
    }

    /// What was counted since the manager was made.
    pub fn statistics(&self) -> DatabaseStatistics {
        let Counters { transactions, retries, unknown_outcomes, errors } = &self.counters;
        let counted = Fault::RETRYABLE.iter().zip(retries);
        DatabaseStatistics {
            engine: self.engine.name(),
            pools: self.pools.all().map(ConnectionPool::stats).collect(),
            transactions: transactions.load(Ordering::Relaxed),
            retries: counted.map(|(fault, count)| (fault.name(), count.load(Ordering::Relaxed))).collect(),
            unknown_outcomes: unknown_outcomes.load(Ordering::Relaxed),
            errors: errors.load(Ordering::Relaxed),
            slow_statements: self.pools.statements.slowest(),
        }
    }

    /// Waits for calls under way and closes all connections; further calls fail. SQLite's writer goes last: it then
    /// folds its log into the file.
    pub async fn close(&self) {
        self.pools.reading.close().await;
        self.pools.writing.close().await;
    }
}
