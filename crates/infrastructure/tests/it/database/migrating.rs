//! Nodes that migrate at once, and migrations that fail.

use std::error::Error;
use std::time::Duration;

use adstead_infrastructure::database::{
    DatabaseConfig, DatabaseManager, Direction, Engine, Remains, SchemaError,
};
use adstead_infrastructure::resilience::Deadline;
use futures::future::join_all;
use sea_orm::sqlx::{Connection, Executor, MySqlConnection, PgConnection};

use super::databases::{Databases, catalogue, config_of, connect, execute};

#[tokio::test]
async fn of_nodes_that_start_at_once_one_migrates() {
    for databases in Databases::on_each_engine() {
        let config = config_of(databases.empty().await);
        let nodes = join_all((0..8).map(|_| connect(&config))).await;
        let applied = join_all(nodes.iter().map(DatabaseManager::migrate)).await;
        let mut applied: Vec<_> =
            applied.into_iter().map(|outcome| outcome.expect("a schema that is up to date")).collect();
        applied.retain(|names| !names.is_empty());
        let all = nodes[0].migrations().await.expect("a schema can be read");
        let names: Vec<_> = all.into_iter().map(|migration| migration.name).collect();
        assert_eq!(applied, [names], "{}: one node applied all", databases.label());
        for node in &nodes {
            assert_eq!(node.verify().await.expect("a schema can be read"), [], "{}", databases.label());
            node.close().await;
        }
    }
}

#[tokio::test]
async fn nodes_that_go_down_at_once_take_back_each_migration_once() {
    for databases in Databases::on_each_engine() {
        let config = config_of(databases.copy_of_template().await);
        let nodes = join_all((0..3).map(|_| connect(&config))).await;
        let taken_back = join_all(nodes.iter().map(|node| node.roll_back(1))).await;
        let mut taken_back: Vec<_> = taken_back
            .into_iter()
            .flat_map(|outcome| outcome.expect("a migration that is taken back"))
            .collect();
        taken_back.sort();
        let pending = pending(&nodes[0]).await;
        assert_eq!(taken_back, pending, "{}", databases.label());
        assert_eq!(pending.len(), 3);
        join_all(nodes.iter().map(DatabaseManager::close)).await;
    }
}

/// A database with some migrations, and a table that is in the way of the next.
async fn obstructed(databases: &Databases) -> DatabaseManager {
    let database = databases.open_empty().await;
    database.migrate_by(4).await.expect("migrations that apply");
    // The fifth migration makes the events before it, and the roll-ups after it.
    execute(&database, "CREATE TABLE rejected_events (what integer NOT NULL)").await;
    database
}

async fn pending(database: &DatabaseManager) -> Vec<String> {
    database.pending().await.expect("a schema can be read")
}

#[tokio::test]
async fn a_migration_that_fails_says_where_the_schema_stands() {
    for databases in Databases::on_each_engine() {
        let database = obstructed(&databases).await;
        let (before, pending) = (catalogue(&database).await, pending(&database).await);

        let error = database.migrate().await.expect_err("a table is in the way");
        let failed = "the migration m2026_11_23_000005_performance could not be applied: ";
        let remains = match databases.engine {
            Engine::Sqlite | Engine::Postgres => {
                assert_eq!(catalogue(&database).await, before, "{}", databases.label());
                "the schema is as it was before; mend the cause and try again"
            }
            Engine::MariaDb => {
                assert_ne!(catalogue(&database).await, before, "it cannot take it back");
                "this engine cannot take back what it had done by then (made the table performance_events), \
                 and what was done before it stays; undo that by hand, mend the cause and try again"
            }
        };
        assert_eq!(error.to_string(), format!("{failed}{remains}"));
        let cause = error.source().and_then(Error::source).expect("the engine says why").to_string();
        assert!(cause.contains("rejected_events") && cause.contains("already exists"), "{cause}");
        assert_eq!(self::pending(&database).await, pending, "{}", databases.label());

        // It does what it says.
        execute(&database, "DROP TABLE rejected_events").await;
        if databases.engine == Engine::MariaDb {
            execute(&database, "DROP TABLE performance_events").await;
        }
        assert_eq!(database.migrate().await.expect("migrations that apply"), pending);
        assert_eq!(database.verify().await.expect("a schema can be read"), []);
        database.close().await;
    }
}

#[tokio::test]
async fn the_migrations_before_one_that_fails_stay_where_they_cannot_be_taken_back() {
    for databases in Databases::on_each_engine() {
        let database = databases.open_empty().await;
        execute(&database, "CREATE TABLE assets (what integer NOT NULL)").await;
        let all = pending(&database).await;
        let Err(SchemaError::Failed { migration, direction, remains, source: _ }) = database.migrate().await
        else {
            panic!("a table is in the way")
        };
        assert_eq!((migration.as_str(), direction), ("m2026_11_23_000003_assets", Direction::Up));
        let (expected, left) = match databases.engine {
            Engine::Sqlite | Engine::Postgres => (Remains::Nothing, &all[..]),
            Engine::MariaDb => (Remains::Predecessors, &all[2..]),
        };
        assert_eq!(remains, expected);
        assert_eq!(pending(&database).await, left, "{}", databases.label());
        database.close().await;
    }
}

#[tokio::test]
async fn a_way_down_that_fails_says_where_the_schema_stands() {
    for databases in Databases::on_each_engine() {
        let (id, table) = match databases.engine {
            // SQLite drops a table whether or not another refers to it.
            Engine::Sqlite => continue,
            Engine::Postgres => ("uuid", "ads"),
            Engine::MariaDb => ("binary(16)", "ad_groups"),
        };
        let database = connect(&config_of(databases.copy_of_template().await)).await;
        let theirs = format!(
            "CREATE TABLE theirs (account_id {id}, id {id}, FOREIGN KEY (account_id, id) REFERENCES {table} (account_id, id))"
        );
        execute(&database, &theirs).await;
        let error = database.roll_back(u32::MAX).await.expect_err("somebody needs it");
        let failed = "the migration m2026_11_23_000002_campaigns could not be taken back: ";
        let (remains, left) = match databases.engine {
            Engine::Sqlite | Engine::Postgres => {
                ("the schema is as it was before; mend the cause and try again", 0)
            }
            Engine::MariaDb => (
                "this engine cannot take back what it had done by then (dropped the table ads), \
                 and what was done before it stays; undo that by hand, mend the cause and try again",
                2,
            ),
        };
        assert_eq!(error.to_string(), format!("{failed}{remains}"));
        let migrations = database.migrations().await.expect("a schema can be read");
        let applied = migrations.iter().filter(|it| it.applied_at.is_some()).count();
        assert_eq!(applied, if left == 0 { migrations.len() } else { left }, "{}", databases.label());
        database.close().await;
    }
}

#[tokio::test]
async fn a_node_that_gives_up_leaves_the_next_one_free_to_migrate() {
    for databases in Databases::on_each_engine() {
        let config = config_of(databases.empty().await);
        let (one, other) = (connect(&config).await, connect(&config).await);
        for wait_ms in [0, 1, 2, 3, 5, 8, 13, 21, 34] {
            let _given_up = tokio::time::timeout(Duration::from_millis(wait_ms), one.migrate()).await;
        }
        let outcome = Deadline::after(Duration::from_secs(30)).scope(other.migrate()).await;
        let is_whole = other.verify().await.is_ok_and(|differences| differences.is_empty());
        match (outcome, databases.engine) {
            (Ok(_), _) => assert!(is_whole, "{}", databases.label()),
            // It was given up half-way, and says so.
            (Err(SchemaError::Failed { .. }), Engine::MariaDb) => {}
            (Err(error), _) => panic!("{}: {error:?}", databases.label()),
        }
        one.close().await;
        other.close().await;
    }
}

#[tokio::test]
async fn a_node_that_migrates_for_too_long_is_not_waited_for() {
    for databases in Databases::on_each_engine() {
        let url = databases.empty().await;
        let config = DatabaseConfig { lock_timeout: Duration::from_millis(100), ..config_of(url.clone()) };
        let database = connect(&config).await;
        let patience = Deadline::after(Duration::from_secs(2));
        let error = match databases.engine {
            Engine::Sqlite => {
                let hold = connect(&config_of(url)).await;
                hold.transaction(async |_| Ok(patience.scope(database.migrate()).await)).await
            }
            Engine::Postgres => {
                let mut hold = PgConnection::connect(&url).await.expect("a server that answers");
                hold.execute("SELECT pg_advisory_lock(27413519777751396)").await.expect("a lock");
                let outcome = patience.scope(database.migrate()).await;
                hold.close().await.expect("a connection that closes");
                Ok::<_, SchemaError>(outcome)
            }
            Engine::MariaDb => {
                let mut hold = MySqlConnection::connect(&url).await.expect("a server that answers");
                let lock = "SELECT get_lock(concat('adstead.migrate.', md5(database())), 0)";
                hold.execute(lock).await.expect("a lock");
                let outcome = patience.scope(database.migrate()).await;
                hold.close().await.expect("a connection that closes");
                Ok(outcome)
            }
        };
        let error = error.expect("a transaction that commits").expect_err("somebody else is at it");
        let expected = "somebody else has been changing the database's schema for";
        assert!(error.to_string().starts_with(expected), "{}: {error:?}", databases.label());
        database.migrate().await.expect("migrations that apply");
        database.close().await;
    }
}
