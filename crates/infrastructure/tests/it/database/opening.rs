//! What an operator reads when a database does not open.

use std::error::Error;
use std::path::Path;

use adstead_infrastructure::database::{DatabaseConfig, DatabaseManager, OpenError};

use super::{Databases, config, open};

async fn refusal(config: &DatabaseConfig) -> OpenError {
    match DatabaseManager::connect(config).await {
        Ok(_) => panic!("it should not open"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_used_says_which_can() {
    let cases = [
        (
            "oracle://adstead:hunter2@db/ads",
            "the database URL begins with \"oracle\": Adstead runs on SQLite, PostgreSQL, MariaDB and MySQL, with addresses \
             such as sqlite://data/adstead.db, postgres://user:password@host/database or mysql://user:password@host/database",
        ),
        (
            "postgres://adstead:hunter2@db",
            "the database URL names no database: use an address such as postgres://user:password@host/database",
        ),
        (
            "mysql://adstead:hunter2@db:port/ads",
            "the database URL cannot be understood (invalid port number): \
             use an address such as mysql://user:password@host/database",
        ),
        (
            "data/adstead.db",
            "the database URL has no scheme: use an address such as sqlite://data/adstead.db",
        ),
        ("sqlite://", "the database URL names no file: use an address such as sqlite://data/adstead.db"),
        (
            "sqlite:///data/",
            "the database URL names a folder: use an address such as sqlite://data/adstead.db",
        ),
        (
            "sqlite::memory:",
            "the database URL names a database in memory, which cannot have several connections: \
             use an address such as sqlite://data/adstead.db",
        ),
        (
            "sqlite://a.db?mode=ro",
            "the database URL has parameters, which are not taken: use an address such as sqlite://data/adstead.db",
        ),
        (
            "postgres://adstead@db/ads?pasword=hunter2",
            "the database URL has a parameter \"pasword\", which is not known: \
             use an address such as postgres://user:password@host/database",
        ),
        (
            "postgres://adstead:5?hunter2@db/ads",
            "the database URL has a parameter that is not known: \
             use an address such as postgres://user:password@host/database",
        ),
        (
            "mysql://adstead@db/ads?sslmode=REQUIRED&password=hunter2",
            "the database URL has a parameter \"password\", which is not known: \
             use an address such as mysql://user:password@host/database",
        ),
    ];
    for (url, expected) in cases {
        assert_eq!(refusal(&DatabaseConfig::new(url)).await.to_string(), expected);
    }
}

#[tokio::test]
async fn the_folder_of_a_new_database_is_made() {
    let databases = Databases::new();
    let path = databases.path("a/b/c.db");
    open(&path).await.close().await;
    assert!(path.is_file());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let databases = Databases::new();
    let file = databases.path("file");
    std::fs::write(&file, "not a folder").expect("a file can be written");
    let error = refusal(&config(&file.join("ads/adstead.db"))).await;
    let folder = file.join("ads");
    let expected =
        format!("the folder {} cannot be made: choose one that may be written to", folder.display());
    assert_eq!(error.to_string(), expected);
    assert!(error.source().is_some(), "it says why");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_alone() {
    let databases = Databases::new();
    let path = databases.path("notes.txt");
    let content = "dear diary ".repeat(100);
    std::fs::write(&path, &content).expect("a file can be written");
    let expected = format!(
        "{} is no SQLite database, or a damaged one: name another file, or restore a backup",
        path.display()
    );
    assert_eq!(refusal(&config(&path)).await.to_string(), expected);
    assert_eq!(std::fs::read_to_string(&path).expect("the file is there"), content);
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_file_cannot_be_opened() {
    let databases = Databases::new();
    let error = refusal(&config(databases.folder.path())).await;
    assert!(matches!(&error, OpenError::File { path, .. } if path == databases.folder.path()), "{error:?}");
    let cause = error.source().expect("it says why");
    assert_eq!(cause.to_string(), "the database's file cannot be read or written");
}

#[tokio::test]
async fn a_new_file_may_be_opened_by_many_at_once() {
    let databases = Databases::new();
    let path = databases.path("new.db");
    let managers = futures::future::join_all((0..8).map(|_| async { migrated_at(&path).await })).await;
    let applied: usize = managers.iter().sum();
    let all = open(&path).await.migrations().await.expect("a schema can be read");
    assert_eq!(applied, all.len(), "each migration is applied by one of them");
}

async fn migrated_at(path: &Path) -> usize {
    open(path).await.migrate().await.expect("a schema that is up to date afterwards").len()
}
