//! A schema that somebody has changed by hand.

use std::path::{Path, PathBuf};

use adstead_infrastructure::database::{Difference, Engine};

use super::databases::{Databases, catalogue, config_of, connect, execute};

/// Where what this build's migrations make stands, for `verify`.
fn expected(engine: Engine) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/database/schema/expected");
    folder.join(format!("{}.txt", engine.name()))
}

/// `UPDATE_CATALOGUE=1` writes the files anew; then the test has to be built and run again.
#[tokio::test]
async fn the_schema_that_migrations_make_is_the_one_that_is_expected() {
    let is_update = std::env::var_os("UPDATE_CATALOGUE").is_some();
    for databases in Databases::on_each_engine() {
        let database = databases.migrated().await;
        let found = catalogue(&database).await.join("\n") + "\n";
        let path = expected(databases.engine);
        if is_update {
            std::fs::write(&path, found).expect("a file of the sources can be written");
            continue;
        }
        let expected = std::fs::read_to_string(&path).expect("a file of the sources");
        assert_eq!(
            found,
            expected,
            "{}: after a change of the migrations, run `UPDATE_CATALOGUE=1 cargo test -p adstead-infrastructure \
             --test it verifying`, and look at what it changed",
            databases.label()
        );
        assert_eq!(database.verify().await.expect("a schema can be read"), []);
    }
}

/// What is told of a database that somebody did this to.
async fn told_after(databases: &Databases, statements: &[&str]) -> Vec<String> {
    let database = connect(&config_of(databases.copy_of_template().await)).await;
    for statement in statements {
        execute(&database, statement).await;
    }
    let told = database.verify().await.expect("a schema can be read");
    database.close().await;
    told.iter().map(Difference::to_string).collect()
}

const CREATE: &str = "create it as the migrations do";
const RESTORE: &str = "restore a backup, or create it as the migrations do";
const ALTER: &str = "alter it to that";
const DROP: &str = "drop it, or know that a later migration may stumble over it";

#[tokio::test]
async fn an_index_that_was_dropped_is_found() {
    for databases in Databases::on_each_engine() {
        let name = "ix_ads_account_id_status_id";
        let (drop, definition) = match databases.engine {
            Engine::Sqlite => (format!("DROP INDEX {name}"), "(account_id, status, id)"),
            Engine::Postgres => {
                (format!("DROP INDEX {name}"), "ordinary USING btree (account_id, status, id)")
            }
            Engine::MariaDb => (format!("DROP INDEX {name} ON ads"), "(account_id, status, id)"),
        };
        let expected = format!("the index {name} of ads is missing, `{definition}`: {CREATE}");
        assert_eq!(told_after(&databases, &[&drop]).await, [expected]);
    }
}

#[tokio::test]
async fn a_column_that_was_dropped_is_found() {
    for databases in Databases::on_each_engine() {
        let definition = match databases.engine {
            Engine::Sqlite => "integer",
            Engine::Postgres | Engine::MariaDb => "bigint",
        };
        let expected = format!("the column last_used_at of api_keys is missing, `{definition}`: {RESTORE}");
        let drop = "ALTER TABLE api_keys DROP COLUMN last_used_at";
        assert_eq!(told_after(&databases, &[drop]).await, [expected]);
    }
}

#[tokio::test]
async fn a_column_that_was_altered_is_found() {
    for databases in Databases::on_each_engine() {
        let (alter, found, expected) = match databases.engine {
            // SQLite alters no column, so it is another one of the same name.
            Engine::Sqlite => (
                &[
                    "ALTER TABLE assets DROP COLUMN width",
                    "ALTER TABLE assets ADD COLUMN width integer NOT NULL DEFAULT 0",
                ][..],
                "integer not null default 0",
                "integer",
            ),
            Engine::Postgres => {
                (&["ALTER TABLE assets ALTER COLUMN width SET NOT NULL"][..], "bigint not null", "bigint")
            }
            Engine::MariaDb => {
                (&["ALTER TABLE assets MODIFY COLUMN width bigint NOT NULL"][..], "bigint not null", "bigint")
            }
        };
        let told = format!("the column width of assets is `{found}` and should be `{expected}`: {ALTER}");
        assert_eq!(told_after(&databases, alter).await, [told]);
    }
}

#[tokio::test]
async fn a_table_that_was_dropped_is_told_once() {
    for databases in Databases::on_each_engine() {
        let definition = match databases.engine {
            Engine::Sqlite | Engine::Postgres => "ordinary",
            Engine::MariaDb => "InnoDB utf8mb4_bin",
        };
        let told = format!("the table generations is missing, `{definition}`: {RESTORE}");
        assert_eq!(told_after(&databases, &["DROP TABLE generations"]).await, [told]);
    }
}

#[tokio::test]
async fn a_reference_that_was_dropped_is_found() {
    for databases in Databases::on_each_engine() {
        let (drop, definition) = match databases.engine {
            // SQLite cannot drop a reference.
            Engine::Sqlite => continue,
            Engine::Postgres => (
                "ALTER TABLE users DROP CONSTRAINT fk_users_account",
                "FOREIGN KEY (account_id) REFERENCES accounts(id)",
            ),
            Engine::MariaDb => {
                ("ALTER TABLE users DROP FOREIGN KEY fk_users_account", "(account_id) to accounts (id)")
            }
        };
        let told = format!("the reference fk_users_account of users is missing, `{definition}`: {CREATE}");
        assert_eq!(told_after(&databases, &[drop]).await, [told]);
    }
}

#[tokio::test]
async fn what_somebody_added_to_a_table_is_found() {
    for databases in Databases::on_each_engine() {
        let index = match databases.engine {
            Engine::Postgres => "ordinary USING btree (name)",
            Engine::Sqlite | Engine::MariaDb => "(name)",
        };
        let told = [
            format!("the column note of ads is none of this version's, `bigint`: {DROP}"),
            format!("the index mine of ads is none of this version's, `{index}`: {DROP}"),
        ];
        let statements = ["ALTER TABLE ads ADD COLUMN note bigint", "CREATE INDEX mine ON ads (name)"];
        assert_eq!(told_after(&databases, &statements).await, told);
    }
}

#[tokio::test]
async fn tables_of_others_and_partitions_are_no_difference() {
    for databases in Databases::on_each_engine() {
        let table = "CREATE TABLE of_somebody_else (note integer PRIMARY KEY)";
        let partition = "CREATE TABLE performance_events_2026_11 PARTITION OF performance_events \
                         FOR VALUES FROM (1793491200000000) TO (1796083200000000)";
        let statements = match databases.engine {
            Engine::Postgres => &[table, partition][..],
            Engine::Sqlite | Engine::MariaDb => &[table],
        };
        assert_eq!(told_after(&databases, statements).await, [""; 0]);
    }
}
