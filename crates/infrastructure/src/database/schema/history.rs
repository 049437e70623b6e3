//! Which migrations were applied, as the database notes them.

use std::collections::HashMap;

use adstead_domain::port::Clock;
use adstead_migrations::{Direction, MigrationTrait, SchemaManager, seaql_migrations};
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, IntoDatabaseExecutor, Schema};

use super::super::DatabaseError;
use super::{Migrations, SchemaError};
use crate::system::SystemClock;

/// A migration of this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name.
    pub name: String,
    /// When it was applied, to the second; none where it was not.
    pub applied_at: Option<Timestamp>,
}

impl Migrations {
    /// The migrations, in their order.
    ///
    /// # Errors
    /// A database of a newer version; one that does not answer.
    pub(super) async fn statuses<'c, C>(&self, database: &'c C) -> Result<Vec<MigrationStatus>, SchemaError>
    where
        C: ConnectionTrait,
        &'c C: IntoDatabaseExecutor<'c>,
    {
        let mut applied = self.applied(database).await?;
        let known = self.all().into_iter().map(|migration| {
            let name = migration.name().to_owned();
            MigrationStatus { applied_at: applied.remove(&name), name }
        });
        let known = known.collect();
        if applied.is_empty() {
            return Ok(known);
        }
        let mut unknown: Vec<String> = applied.into_keys().collect();
        unknown.sort();
        Err(SchemaError::Newer { unknown })
    }

    /// The next migrations that way, at most so many.
    pub(super) async fn next<'c, C>(
        &self,
        database: &'c C,
        direction: Direction,
        steps: u32,
    ) -> Result<Vec<Box<dyn MigrationTrait>>, SchemaError>
    where
        C: ConnectionTrait,
        &'c C: IntoDatabaseExecutor<'c>,
    {
        let statuses = self.statuses(database).await?;
        let all = self.all().into_iter().zip(statuses);
        let is_applied = |status: &MigrationStatus| status.applied_at.is_some();
        let steps = usize::try_from(steps).unwrap_or(usize::MAX);
        let (mut applied, mut pending): (Vec<_>, Vec<_>) = all.partition(|(_, status)| is_applied(status));
        let chosen = match direction {
            Direction::Up => {
                pending.truncate(steps);
                pending
            }
            Direction::Down => {
                applied.reverse();
                applied.truncate(steps);
                applied
            }
        };
        Ok(chosen.into_iter().map(|(migration, _)| migration).collect())
    }

    /// Makes the table of the notes where there is none.
    pub(super) async fn prepare(&self, tx: &DatabaseTransaction) -> Result<(), DatabaseError> {
        let mut table =
            Schema::new(tx.get_database_backend()).create_table_from_entity(seaql_migrations::Entity);
        tx.execute(table.table(self.notes()).if_not_exists()).await?;
        Ok(())
    }

    /// Notes that the migration went that way.
    pub(super) async fn note(
        &self,
        tx: &DatabaseTransaction,
        migration: &str,
        direction: Direction,
    ) -> Result<(), DatabaseError> {
        use seaql_migrations::Column::{AppliedAt, Version};
        match direction {
            Direction::Up => {
                let row = [migration.into(), SystemClock.now().as_second().into()];
                let note = Query::insert()
                    .into_table(self.notes())
                    .columns([Version, AppliedAt])
                    .values_panic(row)
                    .take();
                tx.execute(&note).await?;
            }
            Direction::Down => {
                let note = Query::delete()
                    .from_table(self.notes())
                    .and_where(Expr::col(Version).eq(migration))
                    .take();
                tx.execute(&note).await?;
            }
        }
        Ok(())
    }

    /// When each migration was applied, by its name.
    async fn applied<'c, C>(&self, database: &'c C) -> Result<HashMap<String, Timestamp>, DatabaseError>
    where
        C: ConnectionTrait,
        &'c C: IntoDatabaseExecutor<'c>,
    {
        use seaql_migrations::Column::{AppliedAt, Version};
        if !SchemaManager::new(database).has_table(self.notes().to_string()).await? {
            return Ok(HashMap::new());
        }
        let select = Query::select().columns([Version, AppliedAt]).from(self.notes()).take();
        let rows = database.query_all(&select).await?;
        let applied = rows.iter().map(|row| {
            let seaql_migrations::Model { version, applied_at } =
                seaql_migrations::Model::from_query_result(row, "")?;
            let at = Timestamp::from_second(applied_at)
                .map_err(|error| DatabaseError::corrupt("applied_at of a migration", error))?;
            Ok((version, at))
        });
        applied.collect()
    }
}
