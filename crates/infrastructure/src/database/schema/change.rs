//! Runs migrations, one node at a time.

use std::time::{Duration, Instant};

use adstead_migrations::{Direction, MigrationTrait, SchemaManager};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, TransactionTrait};

use super::super::{DatabaseError, DatabaseManager, Engine, Fault};
use super::error::Remains;
use super::{Migrations, SchemaError, catalogue, difference};
use crate::resilience::Deadline;

/// How long another node's migration may take before we give up on it: an index over all events takes its time.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long a statement on MariaDB waits for the table that it changes. Others queue behind it meanwhile, but a migration
/// that gives up is left half-done.
const TABLE_LOCK: Duration = Duration::from_secs(60);

/// PostgreSQL's advisory locks are numbered, in each database by itself: this is `adstead` in ASCII.
const POSTGRES_LOCK: i64 = 0x61_6473_7465_6164;

/// MariaDB's locks are named, and shared by all databases of a server; a name has 64 characters at most.
const MARIADB_LOCK: &str = "concat('adstead.migrate.', md5(database()))";

impl DatabaseManager {
    /// Runs the next migrations that way, at most so many, and answers their names. Of those who do so at the same time, each
    /// waits for the one before, and then looks what is left to do.
    ///
    /// # Errors
    /// A database of a newer version; somebody else who is not done in time; a migration that failed.
    pub(super) async fn change(&self, direction: Direction, steps: u32) -> Result<Vec<String>, SchemaError> {
        // Calls are cut off at the caller's deadline, and could not say then what they waited for.
        let patience = Deadline::current().map_or(PATIENCE, |it| it.remaining().mul_f32(0.9).min(PATIENCE));
        match self.engine() {
            Engine::Sqlite => self.change_once_free(direction, steps, patience).await,
            Engine::Postgres => self.change_all_or_nothing(direction, steps, patience).await,
            Engine::MariaDb => self.change_step_by_step(direction, steps, patience).await,
        }
    }

    /// SQLite waits for its write lock no longer than for any other, so that we ask for it again.
    async fn change_once_free(
        &self,
        direction: Direction,
        steps: u32,
        patience: Duration,
    ) -> Result<Vec<String>, SchemaError> {
        let begun = Instant::now();
        loop {
            match self.change_all_or_nothing(direction, steps, patience).await {
                Err(SchemaError::Database(error)) if error.fault == Fault::Locked => {
                    if begun.elapsed() >= patience {
                        return Err(busy(patience));
                    }
                }
                outcome => return outcome,
            }
        }
    }

    /// Where statements that change a schema can be rolled back, it is one transaction.
    async fn change_all_or_nothing(
        &self,
        direction: Direction,
        steps: u32,
        patience: Duration,
    ) -> Result<Vec<String>, SchemaError> {
        let lock_timeout = self.lock_timeout();
        self.transaction(async |tx| {
            if Engine::of(tx) == Engine::Postgres {
                lock_postgres(tx, patience, lock_timeout).await?;
            }
            self.migrations.prepare(tx).await?;
            let mut done = Vec::new();
            for migration in self.migrations.next(tx, direction, steps).await? {
                let name = migration.name().to_owned();
                self.migrations.run(tx, migration.as_ref(), direction).await.map_err(|source| {
                    SchemaError::Failed {
                        migration: name.clone(),
                        direction,
                        remains: Remains::Nothing,
                        source,
                    }
                })?;
                done.push(name);
            }
            Ok(done)
        })
        .await
    }

    /// MariaDB commits with each statement that changes a schema. So nothing is run again, and the lock is that of a
    /// connection which nobody else has: it goes with it, however this ends.
    async fn change_step_by_step(
        &self,
        direction: Direction,
        steps: u32,
        patience: Duration,
    ) -> Result<Vec<String>, SchemaError> {
        let own = self.connection_apart();
        // It is held by a transaction, as a pool would make another in its stead where it breaks.
        let tx = own.begin().await.map_err(DatabaseError::from)?;
        lock_mariadb(&tx, patience).await?;
        execute(&tx, &format!("SET SESSION lock_wait_timeout = {}", TABLE_LOCK.as_secs())).await?;
        self.migrations.prepare(&tx).await?;
        let mut done = Vec::new();
        for migration in self.migrations.next(&tx, direction, steps).await? {
            self.migrations.step(&tx, migration.as_ref(), direction).await?;
            done.push(migration.name().to_owned());
        }
        execute(&tx, &format!("DO release_lock({MARIADB_LOCK})")).await?;
        tx.commit().await.map_err(DatabaseError::from)?;
        if let Err(error) = own.close().await {
            tracing::debug!(%error, "the connection that migrated was not closed in the regular way");
        }
        Ok(done)
    }
}

impl Migrations {
    /// One migration on MariaDB. What it stores is committed with the note of it, unless it changes the schema as well.
    async fn step(
        &self,
        tx: &DatabaseTransaction,
        migration: &dyn MigrationTrait,
        direction: Direction,
    ) -> Result<(), SchemaError> {
        let before = catalogue::read(tx, self.notes()).await?;
        execute(tx, "START TRANSACTION").await?;
        let outcome = async {
            self.run(tx, migration, direction).await?;
            execute(tx, "COMMIT").await
        };
        let Err(source) = outcome.await else { return Ok(()) };
        let after = async {
            execute(tx, "ROLLBACK").await?;
            catalogue::read(tx, self.notes()).await
        };
        let remains = match after.await {
            Ok(after) => {
                let changes = difference::between(&before, &after);
                let changes: Vec<_> = changes.iter().map(difference::Difference::as_change).collect();
                if changes.is_empty() { Remains::Predecessors } else { Remains::Changes(changes) }
            }
            Err(_lost) => Remains::Unknown,
        };
        Err(SchemaError::Failed { migration: migration.name().to_owned(), direction, remains, source })
    }

    async fn run(
        &self,
        tx: &DatabaseTransaction,
        migration: &dyn MigrationTrait,
        direction: Direction,
    ) -> Result<(), DatabaseError> {
        direction.run(migration, &SchemaManager::new(tx)).await?;
        self.note(tx, migration.name(), direction).await
    }
}

/// Waits for the lock, which ends with the transaction. Statements then wait no longer than those of others do: whoever
/// reads a table queues behind a statement that waits to change it.
async fn lock_postgres(
    tx: &DatabaseTransaction,
    patience: Duration,
    lock_timeout: Duration,
) -> Result<(), SchemaError> {
    execute(tx, "SET LOCAL statement_timeout = 0").await?;
    execute(tx, &format!("SET LOCAL lock_timeout = {}", patience.as_millis().max(1))).await?;
    let locked = execute(tx, &format!("SELECT pg_advisory_xact_lock({POSTGRES_LOCK})")).await;
    locked.map_err(|error| match error.fault {
        Fault::Locked => busy(patience),
        _ => error.into(),
    })?;
    Ok(execute(tx, &format!("SET LOCAL lock_timeout = {}", lock_timeout.as_millis().max(1))).await?)
}

async fn lock_mariadb(tx: &DatabaseTransaction, patience: Duration) -> Result<(), SchemaError> {
    let ask = format!("SELECT get_lock({MARIADB_LOCK}, {})", patience.as_secs());
    let statement = Statement::from_string(tx.get_database_backend(), ask);
    let row = tx.query_one_raw(statement).await.map_err(DatabaseError::from)?;
    let is_ours = row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose();
    match is_ours.map_err(DatabaseError::from)?.flatten() {
        Some(1) => Ok(()),
        Some(_) | None => Err(busy(patience)),
    }
}

fn busy(patience: Duration) -> SchemaError {
    SchemaError::Busy { waited_s: patience.as_secs() }
}

async fn execute(tx: &DatabaseTransaction, sql: &str) -> Result<(), DatabaseError> {
    tx.execute_unprepared(sql).await?;
    Ok(())
}
