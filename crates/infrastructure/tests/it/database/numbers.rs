//! A table of numbers, for tests that are about transactions and connections rather than about advertising.

use std::sync::Arc;

use adstead_infrastructure::database::{DatabaseConfig, DatabaseError, DatabaseManager};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};

use super::databases::connect;

/// A new table `numbers` in the database of `config`.
pub(super) async fn with_numbers(config: &DatabaseConfig) -> Arc<DatabaseManager> {
    let database = connect(config).await;
    let create = async |tx: &DatabaseTransaction| {
        execute(tx, "CREATE TABLE numbers (n INTEGER NOT NULL PRIMARY KEY, seen INTEGER NOT NULL DEFAULT 0)")
            .await
    };
    database.transaction(create).await.expect("a table can be made");
    Arc::new(database)
}

pub(super) async fn execute(tx: &DatabaseTransaction, sql: &str) -> Result<(), DatabaseError> {
    tx.execute_unprepared(sql).await?;
    Ok(())
}

pub(super) async fn store(tx: &DatabaseTransaction, number: i64) -> Result<(), DatabaseError> {
    execute(tx, &format!("INSERT INTO numbers (n) VALUES ({number})")).await
}

pub(super) async fn insert(database: &DatabaseManager, number: i64) -> Result<(), DatabaseError> {
    database.transaction(async |tx| store(tx, number).await).await
}

/// The one number that `sql` answers.
pub(super) async fn ask(connection: &impl ConnectionTrait, sql: &str) -> Result<i64, DatabaseError> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.expect("an aggregate is a row").try_get_by_index(0)?)
}

pub(super) const COUNT: &str = "SELECT count(*) FROM numbers";

pub(super) async fn count(database: &DatabaseManager) -> i64 {
    database.read(async |connection| ask(connection, COUNT).await).await.expect("a table can be counted")
}

/// How often calls ran again for `reason`.
pub(super) fn retries(database: &DatabaseManager, reason: &str) -> u64 {
    let retries = database.statistics().retries;
    retries.into_iter().find(|(name, _)| *name == reason).expect("a reason that is counted").1
}
