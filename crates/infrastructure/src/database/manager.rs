use std::sync::atomic::{AtomicU64, Ordering};

use adstead_domain::port::DatabaseStatistics;
use sea_orm::{DatabaseConnection, DatabaseTransaction};

use super::{ConnectionPool, DatabaseConfig, DatabaseError, OpenError, TransactionError};

/// A database: its connections, its transactions, its schema.
pub struct DatabaseManager {
    pool: ConnectionPool,
    counters: Counters,
}

#[derive(Default)]
struct Counters {
    transactions: AtomicU64,
    retries: AtomicU64,
    errors: AtomicU64,
}

impl DatabaseManager {
    /// Opens the database that `config` names, and makes it where there is none. Its schema is left as it is.
    ///
    /// # Errors
    /// Why it cannot be opened, and what to do about it; a database that a newer version has migrated is not opened.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, OpenError> {
        let pool = ConnectionPool::open(config).await?;
        let manager = Self { pool, counters: Counters::default() };
        manager.pending().await?;
        Ok(manager)
    }

    /// Runs `query` on connections that read. Each of its statements sees what was committed before it.
    ///
    /// # Errors
    /// What `query` failed with; that no connection became free in time.
    pub async fn read<T, E: TransactionError>(
        &self,
        query: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        query(self.pool.readers()).await.inspect_err(|error| self.note(error))
    }

    /// Runs `work` in a transaction and commits what it did: all of it, durably, or nothing.
    ///
    /// Where the database was locked, the **whole closure** (a clone of it: closures that borrow are clonable) runs again
    /// after a wait, a few times at most; so whatever it does beside the transaction must bear repetition. An error of
    /// its own, a panic, or a caller that gives up rolls the transaction back.
    ///
    /// # Errors
    /// What `work` failed with; that no connection became free in time; that the lock was held for too long; a commit
    /// whose outcome is unknown.
    pub async fn transaction<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        let mut backoff = self.pool.backoff();
        loop {
            let error = match self.attempt(work.clone()).await {
                Ok(value) => {
                    self.counters.transactions.fetch_add(1, Ordering::Relaxed);
                    return Ok(value);
                }
                Err(error) => error,
            };
            let retryable = error.database().is_some_and(DatabaseError::is_retryable);
            let Some(wait) = backoff.next_wait().filter(|_| retryable) else {
                self.note(&error);
                return Err(error);
            };
            self.counters.retries.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(
                wait_ms = wait.as_millis(),
                "the database was locked, the transaction runs again"
            );
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.pool.begin().await.map_err(DatabaseError::from)?;
        match work(&transaction).await {
            Ok(value) => {
                transaction.commit().await.map_err(DatabaseError::of_commit)?;
                Ok(value)
            }
            Err(error) => {
                if let Err(rollback) = transaction.rollback().await {
                    // SQLite rolls back by itself where a disk is full; the pool replaces the connection in any case.
                    tracing::debug!(error = %rollback, "a transaction was not rolled back in the regular way");
                }
                Err(error)
            }
        }
    }

    fn note(&self, error: &impl TransactionError) {
        if error.database().is_some() {
            self.counters.errors.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The connections.
    pub fn pool(&self) -> &ConnectionPool {
        &self.pool
    }

    /// What was counted since the manager was made.
    pub fn statistics(&self) -> DatabaseStatistics {
        let pool = self.pool.stats();
        let Counters { transactions, retries, errors } = &self.counters;
        DatabaseStatistics {
            engine: "sqlite".to_owned(),
            connections: pool.size,
            idle: pool.idle,
            max_connections: pool.max,
            transactions: transactions.load(Ordering::Relaxed),
            retries: retries.load(Ordering::Relaxed),
            errors: errors.load(Ordering::Relaxed),
        }
    }

    /// Waits for calls under way and closes all connections; further calls fail.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
