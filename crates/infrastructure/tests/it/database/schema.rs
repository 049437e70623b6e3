//! Migrations go up and down, once, and never past a newer version.

use adstead_infrastructure::database::{DatabaseError, DatabaseManager, OpenError, SchemaError};
use sea_orm::{ConnectionTrait, Statement};

use super::{Databases, config, open};

/// Everything that the schema is made of, in SQLite's own words.
async fn schema(database: &DatabaseManager) -> Vec<String> {
    database
        .read(async |database| {
            let statement = Statement::from_string(
                database.get_database_backend(),
                "SELECT coalesce(sql, name) FROM sqlite_schema WHERE tbl_name <> 'seaql_migrations' ORDER BY name",
            );
            let rows = database.query_all_raw(statement).await?;
            rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect::<Result<_, DatabaseError>>()
        })
        .await
        .expect("a schema can be read")
}

#[tokio::test]
async fn migrations_go_up_and_down_and_up_again() {
    let databases = Databases::new();
    let database = open(&databases.path("new.db")).await;
    let pending = database.pending().await.expect("a schema can be read");
    assert_eq!(pending.len(), 7);
    assert!(matches!(database.ready().await, Err(SchemaError::Behind { .. })));

    assert_eq!(database.migrate().await.expect("migrations that apply"), pending);
    database.ready().await.expect("the schema is up to date");
    let first = schema(&database).await;
    assert!(first.iter().any(|sql| sql.starts_with("CREATE TABLE \"performance_events\"")), "{first:#?}");
    assert_eq!(database.migrate().await.expect("nothing is left to do"), [""; 0]);

    for step in 1..=pending.len() {
        database.roll_back(1).await.expect("a migration that is taken back");
        assert_eq!(database.pending().await.expect("a schema can be read").len(), step);
    }
    assert_eq!(schema(&database).await, [""; 0]);

    database.migrate().await.expect("migrations that apply");
    assert_eq!(schema(&database).await, first);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let databases = Databases::new();
    let path = databases.path("newer.db");
    let database = open(&path).await;
    database.migrate().await.expect("migrations that apply");
    database
        .transaction(async |tx| {
            tx.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m2031_01_01_000001_holograms', 0)")
                .await?;
            Ok::<_, DatabaseError>(())
        })
        .await
        .expect("a row can be stored");

    let expected = "the database was migrated by a newer version of Adstead (this one does not know \
                    m2031_01_01_000001_holograms): run that version, or restore a backup";
    for outcome in [database.migrate().await.map(drop), database.ready().await, database.roll_back(1).await] {
        assert_eq!(outcome.expect_err("it is of a newer version").to_string(), expected);
    }
    database.close().await;
    let Err(error) = DatabaseManager::connect(&config(&path)).await else {
        panic!("it is of a newer version")
    };
    assert!(matches!(error, OpenError::Schema(SchemaError::Newer { .. })), "{error:?}");
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn lists_and_sums_are_found_by_index() {
    let databases = Databases::new();
    let database = databases.migrated().await;
    let cases = [
        (
            "SELECT * FROM ads WHERE account_id = x'01' AND id < x'02' ORDER BY id DESC LIMIT 51",
            "sqlite_autoindex_ads_1 (account_id=? AND id<?)",
        ),
        (
            "SELECT * FROM ads WHERE account_id = x'01' AND status = 'active' AND id < x'02' ORDER BY id DESC LIMIT 51",
            "ix_ads_account_id_status_id (account_id=? AND status=? AND id<?)",
        ),
        (
            "SELECT sum(spend_micros) FROM performance_rollups WHERE account_id = x'01' \
             AND ad_id IN (SELECT id FROM ads WHERE account_id = x'01')",
            "performance_rollups USING PRIMARY KEY (account_id=? AND ad_id=?)",
        ),
        (
            "SELECT ad_id, sum(clicks) FROM performance_rollups WHERE bucket_start >= 5 AND bucket_start < 9 \
             AND account_id = x'01' AND ad_id IN (SELECT id FROM ads WHERE account_id = x'01' AND ad_group_id = x'02') \
             GROUP BY ad_id",
            "PRIMARY KEY (account_id=? AND ad_id=? AND bucket_start>? AND bucket_start<?)",
        ),
    ];
    for (sql, expected) in cases {
        let plan = database
            .read(async |database| {
                let explain = format!("EXPLAIN QUERY PLAN {sql}");
                let statement = Statement::from_string(database.get_database_backend(), explain);
                let steps = database.query_all_raw(statement).await?;
                steps
                    .iter()
                    .map(|step| Ok(step.try_get("", "detail")?))
                    .collect::<Result<Vec<String>, DatabaseError>>()
            })
            .await
            .expect("a plan can be made");
        let plan = plan.join("\n");
        assert!(plan.contains(expected) && !plan.contains("TEMP B-TREE FOR ORDER BY"), "{sql}\n{plan}");
    }
}
