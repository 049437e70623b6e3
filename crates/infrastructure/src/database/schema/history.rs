//! Which migrations were applied, as the database notes them.

use std::collections::HashMap;

use adstead_domain::port::Clock;
use adstead_migrations::{
    Direction, MigrationTrait, Migrator, MigratorTrait, SchemaManager, seaql_migrations,
};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, IntoDatabaseExecutor, Set};

use super::super::DatabaseError;
use super::SchemaError;
use crate::system::SystemClock;

/// A migration of this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name.
    pub name: String,
    /// When it was applied, to the second; none where it was not.
    pub applied_at: Option<Timestamp>,
}

/// The migrations of this build, in their order.
///
/// # Errors
/// A database of a newer version; one that does not answer.
pub(super) async fn statuses<'c, C>(database: &'c C) -> Result<Vec<MigrationStatus>, SchemaError>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    let mut applied = applied(database).await?;
    let known = Migrator::migrations().into_iter().map(|migration| {
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
    database: &'c C,
    direction: Direction,
    steps: u32,
) -> Result<Vec<Box<dyn MigrationTrait>>, SchemaError>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    let statuses = statuses(database).await?;
    let all = Migrator::migrations().into_iter().zip(statuses);
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
pub(super) async fn prepare(tx: &DatabaseTransaction) -> Result<(), DatabaseError> {
    Ok(Migrator::install(tx).await?)
}

/// Notes that the migration went that way.
pub(super) async fn note(
    tx: &DatabaseTransaction,
    migration: &str,
    direction: Direction,
) -> Result<(), DatabaseError> {
    match direction {
        Direction::Up => {
            let row = seaql_migrations::ActiveModel {
                version: Set(migration.to_owned()),
                applied_at: Set(SystemClock.now().as_second()),
            };
            seaql_migrations::Entity::insert(row).exec_without_returning(tx).await?;
        }
        Direction::Down => {
            seaql_migrations::Entity::delete_by_id(migration).exec(tx).await?;
        }
    }
    Ok(())
}

/// When each migration was applied, by its name.
async fn applied<'c, C>(database: &'c C) -> Result<HashMap<String, Timestamp>, DatabaseError>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    if !SchemaManager::new(database).has_table("seaql_migrations").await? {
        return Ok(HashMap::new());
    }
    let rows = seaql_migrations::Entity::find().all(database).await?;
    let applied = rows.into_iter().map(|seaql_migrations::Model { version, applied_at }| {
        let at = Timestamp::from_second(applied_at)
            .map_err(|error| DatabaseError::corrupt("seaql_migrations.applied_at", error))?;
        Ok((version, at))
    });
    applied.collect()
}
