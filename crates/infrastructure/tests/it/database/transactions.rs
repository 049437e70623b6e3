//! Transactions are whole or nothing, whoever else writes and however they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adstead_domain::port::PortErrorKind;
use adstead_infrastructure::database::{
    DatabaseConfig, DatabaseError, DatabaseManager, Fault, TransactionError,
};
use futures::FutureExt;
use futures::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::databases::config_of;
use super::numbers::{count, execute, insert, store, with_numbers};
use super::{Databases, config, open};

async fn on_sqlite(databases: &Databases) -> Arc<DatabaseManager> {
    with_numbers(&config(&databases.path("numbers.db"))).await
}

#[tokio::test]
async fn two_managers_write_to_one_file_without_loss() {
    let databases = Databases::new();
    let one = on_sqlite(&databases).await;
    let other = Arc::new(open(&databases.path("numbers.db")).await);
    let writers = (0..40).map(|number| {
        let database = Arc::clone(if number % 2 == 0 { &one } else { &other });
        tokio::spawn(async move { insert(&database, number).await })
    });
    for outcome in join_all(writers).await {
        outcome.expect("no panic").expect("a number can be stored");
    }
    assert_eq!((count(&one).await, count(&other).await), (40, 40));
}

#[tokio::test]
async fn a_transaction_that_panics_is_rolled_back() {
    for databases in Databases::on_each_engine() {
        let database = with_numbers(&config_of(databases.empty().await)).await;
        let writing = Arc::clone(&database);
        let panic = tokio::spawn(async move {
            let work = async |tx: &DatabaseTransaction| -> Result<(), DatabaseError> {
                store(tx, 1).await?;
                panic!("half-way")
            };
            writing.transaction(work).await
        });
        assert!(panic.await.expect_err("it panics").is_panic());
        insert(&database, 2).await.expect("the connection is of use again");
        assert_eq!(count(&database).await, 1);
    }
}

#[tokio::test]
async fn a_transaction_whose_caller_gives_up_is_rolled_back_at_every_step() {
    for databases in Databases::on_each_engine() {
        let database = with_numbers(&config_of(databases.empty().await)).await;
        let mut committed = 0;
        for polls in 1..=12 {
            let work = async |tx: &DatabaseTransaction| {
                for number in 0..3 {
                    store(tx, polls * 10 + number).await?;
                }
                Ok::<_, DatabaseError>(())
            };
            let mut transaction = Box::pin(database.transaction(work));
            for _ in 0..polls {
                if (&mut transaction).now_or_never().is_some() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            drop(transaction);
            insert(&database, 1000 + polls).await.expect("the connection is of use again");
            committed += 1;
            assert_eq!((count(&database).await - committed) % 3, 0, "all three or none, after {polls} polls");
        }
    }
}

#[tokio::test]
async fn an_error_of_the_closure_s_own_rolls_back_and_is_not_tried_again() {
    #[derive(Debug, thiserror::Error)]
    enum OrderError {
        #[error("sold out")]
        SoldOut,
        #[error(transparent)]
        Database(#[from] DatabaseError),
    }

    impl TransactionError for OrderError {
        fn database(&self) -> Option<&DatabaseError> {
            match self {
                Self::SoldOut => None,
                Self::Database(error) => Some(error),
            }
        }
    }

    for databases in Databases::on_each_engine() {
        let database = with_numbers(&config_of(databases.empty().await)).await;
        let attempts = AtomicUsize::new(0);
        let order = async |tx: &DatabaseTransaction| -> Result<(), OrderError> {
            attempts.fetch_add(1, Ordering::Relaxed);
            store(tx, 1).await?;
            Err(OrderError::SoldOut)
        };
        let outcome = database.transaction(order).await;
        assert!(matches!(outcome, Err(OrderError::SoldOut)));
        assert_eq!((attempts.into_inner(), count(&database).await), (1, 0));
        assert_eq!(database.statistics().errors, 0, "the database did not fail");
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_the_database_stays_of_use() {
    let databases = Databases::new();
    let database = on_sqlite(&databases).await;
    let fill = async |tx: &DatabaseTransaction| {
        execute(tx, "PRAGMA max_page_count = 10").await?;
        execute(tx, "INSERT INTO numbers (n, seen) VALUES (1, zeroblob(1000000))").await
    };
    let error = database.transaction(fill).await.expect_err("there is no room");
    assert_eq!(error.fault, Fault::DiskFull);
    assert_eq!(error.to_string(), "the disk is full");
    assert_eq!(error.during("numbers.insert").kind, PortErrorKind::Full);
    insert(&database, 1).await.expect("a small thing still fits");
    assert_eq!(count(&database).await, 1);
}

#[tokio::test]
async fn readers_cannot_write() {
    let databases = Databases::new();
    let database = on_sqlite(&databases).await;
    let write = database
        .read(async |database| {
            database.execute_unprepared("INSERT INTO numbers (n) VALUES (1)").await?;
            Ok::<_, DatabaseError>(())
        })
        .await;
    assert_eq!(write.expect_err("it is for reading").fault, Fault::ReadOnly);
}

#[tokio::test]
async fn the_excess_over_the_pool_is_shed() {
    let databases = Databases::new();
    let holder = on_sqlite(&databases).await;
    let hasty = DatabaseConfig {
        acquire_timeout: Duration::from_millis(50),
        ..config(&databases.path("numbers.db"))
    };
    let database = DatabaseManager::connect(&hasty).await.expect("a database that opens");
    let outcome = database.transaction(async |_| Ok::<_, DatabaseError>(insert(&database, 1).await)).await;
    let error = outcome.expect("an empty transaction").expect_err("the one writer is taken");
    assert_eq!(error.fault, Fault::Overloaded);
    assert_eq!(error.during("numbers.insert").kind, PortErrorKind::Unavailable);
    insert(&database, 2).await.expect("the writer is free again");
    assert_eq!(count(&holder).await, 1);
}

#[tokio::test]
async fn a_closed_database_says_so() {
    let databases = Databases::new();
    let database = on_sqlite(&databases).await;
    database.close().await;
    assert_eq!(insert(&database, 1).await.expect_err("it is closed").fault, Fault::Closed);
    let files = std::fs::read_dir(databases.folder.path()).expect("a folder can be read").count();
    assert_eq!(files, 1, "the log was folded into the file");
}
