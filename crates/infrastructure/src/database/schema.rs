use std::collections::HashSet;

use adstead_migrations::{Migrator, MigratorTrait, SchemaManager, seaql_migrations};
use sea_orm::{ConnectionTrait, EntityTrait, IntoDatabaseExecutor};

use super::{DatabaseError, DatabaseManager, TransactionError};

/// Why a database's schema is not the one of this build.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Migrations were applied that this build does not know.
    #[error(
        "the database was migrated by a newer version of Adstead (this one does not know {}): \
         run that version, or restore a backup",
        unknown.join(", ")
    )]
    Newer {
        /// The migrations' names.
        unknown: Vec<String>,
    },
    /// Migrations of this build were not applied yet.
    #[error("the database's schema is {} behind: run `adstead migrate`", migrations(pending.len()))]
    Behind {
        /// The migrations' names.
        pending: Vec<String>,
    },
    /// The database could not be asked or changed.
    #[error("the database's schema could not be read or changed")]
    Database(#[from] DatabaseError),
}

fn migrations(count: usize) -> String {
    if count == 1 { "1 migration".to_owned() } else { format!("{count} migrations") }
}

impl TransactionError for SchemaError {
    fn database(&self) -> Option<&DatabaseError> {
        match self {
            Self::Database(error) => Some(error),
            Self::Newer { .. } | Self::Behind { .. } => None,
        }
    }
}

impl DatabaseManager {
    /// Brings the schema up to date and answers the names of the migrations that were applied.
    ///
    /// It is one transaction: a migration that fails leaves the schema as it was, and of two processes that start at the
    /// same time one waits for the other and then finds nothing left to do.
    ///
    /// # Errors
    /// A database of a newer version; a migration that failed.
    pub async fn migrate(&self) -> Result<Vec<String>, SchemaError> {
        let applied = self
            .transaction(async |tx| {
                let pending = pending(tx).await?;
                if !pending.is_empty() {
                    Migrator::up(tx, None).await.map_err(DatabaseError::from)?;
                }
                Ok::<_, SchemaError>(pending)
            })
            .await?;
        if !applied.is_empty() {
            tracing::info!(migrations = applied.len(), "brought the database's schema up to date");
        }
        Ok(applied)
    }

    /// Takes back the last `steps` migrations, with all that is stored in what they made.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub async fn roll_back(&self, steps: u32) -> Result<(), SchemaError> {
        self.transaction(async |tx| {
            pending(tx).await?;
            Migrator::down(tx, Some(steps)).await.map_err(DatabaseError::from)?;
            Ok(())
        })
        .await
    }

    /// The names of this build's migrations that were not applied yet.
    ///
    /// # Errors
    /// A database of a newer version; one that does not answer.
    pub async fn pending(&self) -> Result<Vec<String>, SchemaError> {
        self.read(async |database| pending(database).await).await
    }

    /// Whether no migration was ever applied.
    ///
    /// # Errors
    /// As [`pending`](Self::pending).
    pub async fn is_empty(&self) -> Result<bool, SchemaError> {
        Ok(self.pending().await?.len() == Migrator::migrations().len())
    }

    /// Whether the database answers and has the schema of this build.
    ///
    /// # Errors
    /// Why requests cannot be served.
    pub async fn ready(&self) -> Result<(), SchemaError> {
        let pending = self.pending().await?;
        if pending.is_empty() { Ok(()) } else { Err(SchemaError::Behind { pending }) }
    }
}

async fn pending<'c, C>(database: &'c C) -> Result<Vec<String>, SchemaError>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    let applied = applied(database).await?;
    let known: Vec<String> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let mut unknown: Vec<String> = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    if !unknown.is_empty() {
        unknown.sort();
        return Err(SchemaError::Newer { unknown });
    }
    Ok(known.into_iter().filter(|name| !applied.contains(name)).collect())
}

async fn applied<'c, C>(database: &'c C) -> Result<HashSet<String>, DatabaseError>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    if !SchemaManager::new(database).has_table("seaql_migrations").await? {
        return Ok(HashSet::new());
    }
    let records = seaql_migrations::Entity::find().all(database).await?;
    Ok(records.into_iter().map(|record| record.version).collect())
}
