//! Faults that pass: the whole transaction runs again, and each run is counted by its reason.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use adstead_infrastructure::database::{DatabaseConfig, DatabaseError, DatabaseManager, Engine, Fault};
use sea_orm::DatabaseTransaction;
use tokio::sync::{Barrier, Notify};

use super::Databases;
use super::databases::{config_of, connect};
use super::numbers::{COUNT, ask, count, execute, insert, retries, store, with_numbers};

fn servers() -> impl Iterator<Item = Databases> {
    Databases::on_each_engine().filter(|databases| databases.engine != Engine::Sqlite)
}

/// Marks one row, then another, and stores a number; on its first attempt it meets the other in between.
async fn mark_crosswise(
    database: &DatabaseManager,
    rows: [i64; 2],
    meet: &Barrier,
    number: i64,
) -> Result<u32, DatabaseError> {
    let attempts = AtomicU32::new(0);
    let work = async |tx: &DatabaseTransaction| {
        let attempt = attempts.fetch_add(1, Ordering::Relaxed);
        store(tx, number).await?;
        execute(tx, &format!("UPDATE numbers SET seen = seen + 1 WHERE n = {}", rows[0])).await?;
        if attempt == 0 {
            meet.wait().await;
        }
        execute(tx, &format!("UPDATE numbers SET seen = seen + 1 WHERE n = {}", rows[1])).await
    };
    database.transaction(work).await?;
    Ok(attempts.into_inner())
}

#[tokio::test]
async fn of_two_transactions_that_wait_for_each_other_one_runs_again_as_a_whole() {
    for databases in servers() {
        let database = with_numbers(&config_of(databases.empty().await)).await;
        insert(&database, 1).await.expect("a number can be stored");
        insert(&database, 2).await.expect("a number can be stored");
        let meet = Barrier::new(2);
        let (one, other) = tokio::join!(
            mark_crosswise(&database, [1, 2], &meet, 10),
            mark_crosswise(&database, [2, 1], &meet, 20)
        );
        let attempts = one.expect("it may run again") + other.expect("it may run again");
        assert!(attempts >= 3, "{}: {attempts} attempts", databases.label());
        assert!(retries(&database, "deadlock") >= 1, "{:?}", database.statistics().retries);
        for (sql, expected) in [(COUNT, 4), ("SELECT count(*) FROM numbers WHERE n <= 2 AND seen = 2", 2)] {
            let found = database.read(async |it| ask(it, sql).await).await.expect("a table can be read");
            assert_eq!(found, expected, "{sql}: what was rolled back left a trace");
        }
        assert_eq!(database.statistics().errors, 0);
    }
}

#[tokio::test]
async fn of_two_transactions_that_cannot_be_put_in_an_order_one_runs_again_and_sees_the_other() {
    for databases in servers() {
        let database = with_numbers(&config_of(databases.empty().await)).await;
        let meet = Barrier::new(2);
        // Each stores how many numbers it found: alone, one after the other, they find 0 and 1.
        let add_count = async || {
            let attempts = AtomicU32::new(0);
            let work = async |tx: &DatabaseTransaction| {
                let found = ask(tx, COUNT).await?;
                if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
                    meet.wait().await;
                }
                store(tx, 100 + found).await
            };
            database.serializable(work).await
        };
        let (one, other) = tokio::join!(add_count(), add_count());
        one.expect("it may run again");
        other.expect("it may run again");
        for number in [100, 101] {
            let sql = format!("SELECT count(*) FROM numbers WHERE n = {number}");
            let found = database.read(async |it| ask(it, &sql).await).await.expect("a table can be read");
            assert_eq!(found, 1, "{}: {number}", databases.label());
        }
        // MariaDB locks what a serializable transaction reads, so it tells of a deadlock.
        let reason = if databases.engine == Engine::Postgres { "serialization" } else { "deadlock" };
        assert!(retries(&database, reason) >= 1, "{:?}", database.statistics().retries);
    }
}

#[tokio::test]
async fn a_lock_that_is_released_is_waited_for_beyond_one_attempt() {
    for databases in Databases::on_each_engine().filter(|it| it.engine != Engine::MariaDb) {
        let config = config_of(databases.empty().await);
        let holder = with_numbers(&config).await;
        insert(&holder, 1).await.expect("a number can be stored");
        let waiter = connect(&DatabaseConfig { lock_timeout: Duration::from_millis(50), ..config }).await;
        let locked = Notify::new();
        let held = async |tx: &DatabaseTransaction| {
            execute(tx, "UPDATE numbers SET seen = 1 WHERE n = 1").await?;
            locked.notify_one();
            while retries(&waiter, "locked") == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok::<_, DatabaseError>(())
        };
        let wait = async {
            locked.notified().await;
            waiter
                .transaction(async |tx| execute(tx, "UPDATE numbers SET seen = seen + 1 WHERE n = 1").await)
                .await
        };
        let (held, waited) = tokio::join!(holder.transaction(held), wait);
        held.expect("a row can be marked");
        waited.expect("the lock went away");
        let seen = "SELECT count(*) FROM numbers WHERE seen = 2";
        assert_eq!(holder.read(async |it| ask(it, seen).await).await.expect("a table can be read"), 1);
    }
}

#[tokio::test]
async fn a_lock_that_stays_is_told_after_a_bounded_time() {
    for databases in Databases::on_each_engine() {
        let config = config_of(databases.empty().await);
        let holder = with_numbers(&config).await;
        insert(&holder, 1).await.expect("a number can be stored");
        let waiter = connect(&DatabaseConfig { lock_timeout: Duration::from_secs(1), ..config }).await;
        let mark =
            async |tx: &DatabaseTransaction| execute(tx, "UPDATE numbers SET seen = 1 WHERE n = 1").await;
        let start = Instant::now();
        let held = async |tx: &DatabaseTransaction| {
            mark(tx).await?;
            Ok::<_, DatabaseError>(waiter.transaction(mark).await)
        };
        let outcome = holder.transaction(held).await.expect("a row can be marked");
        assert_eq!(outcome.expect_err("the lock stayed").fault, Fault::Locked);
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        assert_eq!((waiter.statistics().errors, waiter.statistics().transactions), (1, 0));
    }
}

#[tokio::test]
async fn a_transaction_whose_connection_is_cut_runs_again_as_a_whole() {
    for databases in servers() {
        let database = with_numbers(&config_of(databases.empty().await)).await;
        let (own, cut) = match databases.engine {
            Engine::Postgres => ("SELECT pg_backend_pid()::bigint", "SELECT count(pg_terminate_backend("),
            Engine::MariaDb | Engine::Sqlite => {
                ("SELECT CAST(connection_id() AS SIGNED)", "KILL CONNECTION (")
            }
        };
        let attempts = AtomicU32::new(0);
        let work = async |tx: &DatabaseTransaction| {
            store(tx, 1).await?;
            if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
                let own = ask(tx, own).await?;
                let end = if databases.engine == Engine::Postgres { "::int))" } else { ")" };
                let kill = format!("{cut}{own}{end}");
                database.transaction(async |other| execute(other, &kill).await).await?;
            }
            store(tx, 2).await
        };
        database.transaction(work).await.expect("it may run again");
        assert_eq!(attempts.into_inner(), 2, "{}", databases.label());
        assert_eq!((retries(&database, "disconnected"), database.statistics().errors), (1, 0));
        assert_eq!(count(&database).await, 2);
    }
}

#[tokio::test]
async fn no_attempt_begins_past_the_caller_s_deadline() {
    let databases = Databases::new();
    let config = DatabaseConfig { lock_timeout: Duration::ZERO, ..config_of(databases.empty().await) };
    let holder = with_numbers(&config).await;
    let waiter = connect(&config).await;
    let start = Instant::now();
    let held = async |_: &DatabaseTransaction| {
        let deadline = adstead_infrastructure::resilience::Deadline::after(Duration::from_millis(30));
        Ok::<_, DatabaseError>(deadline.scope(insert(&waiter, 1)).await)
    };
    let outcome = holder.transaction(held).await.expect("an empty transaction");
    assert_eq!(outcome.expect_err("the lock stayed").fault, Fault::Locked);
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
}
