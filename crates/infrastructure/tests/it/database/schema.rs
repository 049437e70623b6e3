//! Migrations go up and down, once, and never past a newer version.

use adstead_domain::port::Clock;
use adstead_infrastructure::database::{
    DatabaseError, DatabaseManager, MigrationStatus, OpenError, SchemaError, Script,
};
use adstead_infrastructure::system::SystemClock;
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, Statement};

use super::Databases;
use super::databases::{catalogue, config_of, connect, execute};

#[tokio::test]
async fn migrations_go_up_and_down_and_up_again() {
    for databases in Databases::on_each_engine() {
        let database = databases.open_empty().await;
        let all = database.pending().await.expect("a schema can be read");
        assert!(database.is_empty().await.expect("a schema can be read"));
        assert!(matches!(database.ready().await, Err(SchemaError::Behind { .. })));

        // The schema after each step up is the one after the step down to it.
        let mut stages = vec![catalogue(&database).await];
        for migration in &all {
            let applied = database.migrate_by(1).await.expect("a migration that applies");
            assert_eq!(applied, [migration.as_str()], "{}", databases.label());
            stages.push(catalogue(&database).await);
        }
        database.ready().await.expect("the schema is up to date");
        assert_eq!(database.migrate().await.expect("nothing is left to do"), [""; 0]);

        let last = stages.pop().expect("there are migrations");
        for (migration, stage) in all.iter().zip(&stages).rev() {
            let taken_back = database.roll_back(1).await.expect("a migration that is taken back");
            assert_eq!(taken_back, [migration.as_str()], "{}", databases.label());
            assert_eq!(&catalogue(&database).await, stage, "{}: {migration}", databases.label());
        }
        assert_eq!(stages[0], [""; 0], "{}", databases.label());
        assert_eq!(database.roll_back(1).await.expect("nothing is left to do"), [""; 0]);

        assert_eq!(database.migrate().await.expect("migrations that apply"), all);
        assert_eq!(catalogue(&database).await, last, "{}", databases.label());

        let newest_first: Vec<_> = all.into_iter().rev().collect();
        let taken_back = database.roll_back(u32::MAX).await.expect("migrations that are taken back");
        assert_eq!(taken_back, newest_first, "{}", databases.label());
        database.close().await;
    }
}

#[tokio::test]
async fn each_migration_is_told_with_the_time_when_it_was_applied() {
    for databases in Databases::on_each_engine() {
        let database = databases.open_empty().await;
        let begun = SystemClock.now();
        database.migrate_by(2).await.expect("migrations that apply");
        let migrations = database.migrations().await.expect("a schema can be read");
        for (number, MigrationStatus { name, applied_at }) in migrations.iter().enumerate() {
            assert_eq!(applied_at.is_some(), number < 2, "{name}");
            let is_recent = |at: &Timestamp| (at.as_second() - begun.as_second()).abs() <= 60;
            assert!(applied_at.as_ref().is_none_or(is_recent), "{name}: {applied_at:?}");
        }
        database.close().await;
    }
}

#[tokio::test]
async fn what_a_way_down_would_do_is_told_and_not_done() {
    for databases in Databases::on_each_engine() {
        let database = databases.migrated().await;
        let scripts = database.roll_back_script(2).await.expect("a schema can be read");
        let pending = database.migrations().await.expect("a schema can be read");
        let newest: Vec<_> = pending.iter().rev().take(2).map(|it| &it.name).collect();
        assert_eq!(scripts.iter().map(|it| &it.migration).collect::<Vec<_>>(), newest);
        let says_something = |script: &Script| !script.statements.is_empty();
        assert!(scripts.iter().all(says_something), "{scripts:#?}");
        database.ready().await.expect("nothing was taken back");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    for databases in Databases::on_each_engine() {
        let url = databases.copy_of_template().await;
        let database = connect(&config_of(url.clone())).await;
        let newer = "INSERT INTO seaql_migrations VALUES ('m2031_01_01_000001_holograms', 0)";
        execute(&database, newer).await;

        let expected = "the database was migrated by a newer version of this program (this one does not know \
                        m2031_01_01_000001_holograms): run that version, or restore a backup";
        for outcome in [
            database.migrate().await.map(drop),
            database.ready().await,
            database.roll_back(1).await.map(drop),
            database.verify().await.map(drop),
        ] {
            assert_eq!(outcome.expect_err("it is of a newer version").to_string(), expected);
        }
        database.close().await;
        let Err(error) = DatabaseManager::connect(&config_of(url)).await else {
            panic!("it is of a newer version")
        };
        assert!(matches!(error, OpenError::Schema(SchemaError::Newer { .. })), "{error:?}");
        assert_eq!(error.to_string(), expected);
    }
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
        (
            "SELECT * FROM rejected_events WHERE account_id = x'01' AND received_at <= 5 \
             AND (received_at < 5 OR (received_at = 5 AND digest < 'a')) \
             ORDER BY received_at DESC, digest DESC LIMIT 51",
            "ix_rejected_events_account_id_received_at_digest (account_id=? AND received_at<?)",
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
