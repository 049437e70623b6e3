//! The schema of a database: its migrations, and whether it is what they make.

mod catalogue;
mod change;
mod difference;
mod error;
mod history;
mod migrations;

use adstead_migrations::{Direction, Script, script};

use super::{DatabaseError, DatabaseManager};
use catalogue::Catalogue;
pub use difference::Difference;
pub use error::{Remains, SchemaError};
pub use history::MigrationStatus;
pub use migrations::Migrations;

impl DatabaseManager {
    /// Brings the schema up to date and answers the names of the migrations that were applied.
    ///
    /// Of two processes that start at the same time one waits for the other and then finds nothing left to do. On SQLite and
    /// PostgreSQL it is one transaction: a migration that fails leaves the schema as it was. MariaDB cannot take changes of
    /// a schema back: there a migration that fails says what it has left behind.
    ///
    /// # Errors
    /// A database of a newer version; somebody else who migrates and is not done in time; a migration that failed.
    pub async fn migrate(&self) -> Result<Vec<String>, SchemaError> {
        self.migrate_by(u32::MAX).await
    }

    /// Applies the next migrations, at most so many.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub async fn migrate_by(&self, steps: u32) -> Result<Vec<String>, SchemaError> {
        if self.pending().await?.is_empty() {
            return Ok(Vec::new());
        }
        let applied = self.change(Direction::Up, steps).await?;
        if !applied.is_empty() {
            tracing::info!(migrations = applied.len(), "migrated the database's schema");
        }
        Ok(applied)
    }

    /// Takes back the last migrations, at most so many, with all that is stored in what they made, and answers their names,
    /// the newest first.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub async fn roll_back(&self, steps: u32) -> Result<Vec<String>, SchemaError> {
        let taken_back = self.change(Direction::Down, steps).await?;
        if !taken_back.is_empty() {
            tracing::info!(migrations = taken_back.len(), "took migrations of the database's schema back");
        }
        Ok(taken_back)
    }

    /// What [`roll_back`](Self::roll_back) would do: each migration, the newest first, with its statements.
    ///
    /// # Errors
    /// A database of a newer version; one that does not answer.
    pub async fn roll_back_script(&self, steps: u32) -> Result<Vec<Script>, SchemaError> {
        self.read(async |database| {
            let mut scripts = Vec::new();
            for migration in self.migrations.next(database, Direction::Down, steps).await? {
                let engine = database.get_database_backend();
                let script = script(migration.as_ref(), Direction::Down, engine).await;
                scripts.push(script.map_err(DatabaseError::from)?);
            }
            Ok(scripts)
        })
        .await
    }

    /// All migrations of this build, in their order, and when each was applied.
    ///
    /// # Errors
    /// A database of a newer version; one that does not answer.
    pub async fn migrations(&self) -> Result<Vec<MigrationStatus>, SchemaError> {
        self.read(async |database| self.migrations.statuses(database).await).await
    }

    /// The names of this build's migrations that were not applied yet.
    ///
    /// # Errors
    /// A database of a newer version; one that does not answer.
    pub async fn pending(&self) -> Result<Vec<String>, SchemaError> {
        let pending = self.migrations().await?.into_iter().filter(|it| it.applied_at.is_none());
        Ok(pending.map(|it| it.name).collect())
    }

    /// Whether no migration was ever applied.
    ///
    /// # Errors
    /// As [`pending`](Self::pending).
    pub async fn is_empty(&self) -> Result<bool, SchemaError> {
        Ok(self.migrations().await?.iter().all(|it| it.applied_at.is_none()))
    }

    /// Whether the database answers and has the schema of this build.
    ///
    /// # Errors
    /// Why requests cannot be served.
    pub async fn ready(&self) -> Result<(), SchemaError> {
        let pending = self.pending().await?;
        if pending.is_empty() { Ok(()) } else { Err(SchemaError::Behind { pending }) }
    }

    /// In what the schema is not as the migrations of this build make it: somebody has changed it by hand. Tables of others
    /// are no difference, nor are partitions.
    ///
    /// # Errors
    /// As [`ready`](Self::ready); migrations of which nobody has [listed](Migrations::listed) what they make.
    pub async fn verify(&self) -> Result<Vec<Difference>, SchemaError> {
        self.ready().await?;
        let expected = self.migrations.expected(self.engine()).ok_or(SchemaError::Unlisted)?;
        let mut found = self.found().await?;
        found.retain(|item, _| expected.contains_key(&item.of_table()));
        Ok(difference::between(&expected, &found))
    }

    /// What the schema is made of, in the engine's words, a line for each table, column, index, reference and check.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn catalogue(&self) -> Result<Vec<String>, DatabaseError> {
        Ok(catalogue::lines(&self.found().await?))
    }

    async fn found(&self) -> Result<Catalogue, DatabaseError> {
        self.read(async |database| catalogue::read(database, self.migrations.notes()).await).await
    }
}

/// Adstead's schema as SQL for people to read, on each engine. It needs no database.
///
/// # Errors
/// A migration that cannot be written down.
pub async fn schema_sql() -> Result<String, DatabaseError> {
    Ok(adstead_migrations::schema_sql().await?)
}
