//! What a pool tells of itself, and whom it turns away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use adstead_infrastructure::database::{DatabaseConfig, DatabaseError, DatabaseManager, Fault, PoolStats};
use adstead_infrastructure::resilience::Deadline;
use futures::future::join_all;
use tokio::sync::Semaphore;

use super::Databases;
use super::databases::config_of;
use super::numbers::{ask, count, execute, insert, store, with_numbers};

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(20);

async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn pool(database: &DatabaseManager) -> PoolStats {
    database.pool().stats()
}

/// Holds a connection until there is a permit.
async fn hold(database: &DatabaseManager, release: &Semaphore) -> Result<(), DatabaseError> {
    let held = async |connection: &sea_orm::DatabaseConnection| {
        ask(connection, "SELECT count(*) FROM numbers").await?;
        release.acquire().await.expect("it stays open").forget();
        Ok(())
    };
    database.read(held).await
}

/// The line of `hold` that asks the pool.
const HELD_AT: u32 = line!() - 4;

#[tokio::test]
async fn a_pool_tells_who_holds_and_who_waits() {
    for databases in Databases::on_each_engine() {
        let config = DatabaseConfig { max_connections: 2, ..config_of(databases.empty().await) };
        let database = with_numbers(&config).await;
        let before = pool(&database);
        let release = Arc::new(Semaphore::new(0));
        let mut callers: Vec<_> = (0..3)
            .map(|_| {
                let (database, release) = (Arc::clone(&database), Arc::clone(&release));
                tokio::spawn(async move { hold(&database, &release).await })
            })
            .collect();
        eventually("two hold and one waits", || (pool(&database).in_use, pool(&database).waiting) == (2, 1))
            .await;
        let PoolStats { max, longest_holder, acquires, .. } = pool(&database);
        assert_eq!((max, acquires), (2, before.acquires + 2));
        let holder = longest_holder.expect("somebody holds one");
        let place = format!("{}:{HELD_AT}", file!());
        assert!(place.ends_with(&holder.place) || holder.place.ends_with(&place), "{}", holder.place);

        callers.remove(2).abort();
        eventually("nobody waits", || pool(&database).waiting == 0).await;
        release.add_permits(2);
        for caller in callers {
            caller.await.expect("no panic").expect("a connection that is of use");
        }
        let PoolStats { in_use, acquires, timeouts, wait, held, longest_holder, long_holds, .. } =
            pool(&database);
        assert_eq!((in_use, timeouts, long_holds, longest_holder), (0, 0, 0, None));
        assert_eq!((wait.count(), held.count()), (acquires, acquires), "who gave up is in neither");
        assert!(held.longest > Duration::ZERO && held.total >= held.longest);
        eventually("both are back", || pool(&database).idle == pool(&database).size).await;
    }
}

#[tokio::test]
async fn who_holds_a_connection_for_long_is_told_once() {
    let databases = Databases::new();
    let long_hold = Duration::from_millis(40);
    let config = DatabaseConfig { long_hold, ..config_of(databases.empty().await) };
    let database = with_numbers(&config).await;
    let (release, holder) = (Arc::new(Semaphore::new(0)), Arc::clone(&database));
    let released = Arc::clone(&release);
    let holding = tokio::spawn(async move { hold(&holder, &released).await });
    eventually("it is told", || pool(&database).long_holds == 1).await;
    let held = || pool(&database).longest_holder.expect("somebody holds it").held;
    eventually("it could be told again", || held() > 4 * long_hold).await;
    assert_eq!(pool(&database).long_holds, 1);
    release.add_permits(1);
    holding.await.expect("no panic").expect("a connection that is of use");
    assert!(pool(&database).held.longest > 4 * long_hold);
}

#[tokio::test]
async fn a_pool_of_two_sheds_what_is_too_much_of_a_hundred_callers_and_recovers() {
    const CALLERS: usize = 100;
    for databases in Databases::on_each_engine() {
        let acquire_timeout = Duration::from_millis(300);
        let config =
            DatabaseConfig { max_connections: 2, acquire_timeout, ..config_of(databases.empty().await) };
        let database = with_numbers(&config).await;
        let before = pool(&database);
        let work = async |connection: &sea_orm::DatabaseConnection| {
            ask(connection, "SELECT count(*) FROM numbers").await?;
            tokio::time::sleep(Duration::from_millis(30)).await;
            Ok::<_, DatabaseError>(())
        };
        let calls = (0..CALLERS).map(|_| async {
            let start = Instant::now();
            (database.read(work).await, start.elapsed())
        });
        let (mut served, mut shed) = (0, 0);
        for (outcome, took) in join_all(calls).await {
            match outcome {
                Ok(()) => served += 1,
                Err(error) => {
                    assert_eq!(error.fault, Fault::Overloaded, "{error:?}");
                    shed += 1;
                }
            }
            assert!(took < acquire_timeout + Duration::from_secs(3), "{took:?}");
        }
        assert!(served >= 2 && shed > 0, "{served} served, {shed} shed");
        let PoolStats { in_use, waiting, acquires, timeouts, wait, .. } = pool(&database);
        assert_eq!((in_use, waiting), (0, 0));
        assert_eq!((acquires - before.acquires, timeouts), (served, shed));
        assert!(wait.longest >= acquire_timeout, "{:?}", wait.longest);
        insert(&database, 1).await.expect("there is room again");
        assert_eq!(count(&database).await, 1);
    }
}

#[tokio::test]
async fn nobody_waits_for_a_connection_past_their_deadline() {
    for databases in Databases::on_each_engine() {
        let config = DatabaseConfig { max_connections: 1, ..config_of(databases.empty().await) };
        let database = with_numbers(&config).await;
        let start = Instant::now();
        let hasty = async |_: &sea_orm::DatabaseTransaction| {
            let deadline = Deadline::after(Duration::from_millis(100));
            Ok::<_, DatabaseError>(deadline.scope(insert(&database, 1)).await)
        };
        let outcome = database.transaction(hasty).await.expect("an empty transaction");
        assert_eq!(outcome.expect_err("the one connection is taken").fault, Fault::Overloaded);
        assert!(start.elapsed() < config.acquire_timeout / 3, "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn nothing_runs_past_its_caller_s_deadline() {
    for databases in Databases::on_each_engine() {
        let config = DatabaseConfig { max_connections: 1, ..config_of(databases.empty().await) };
        let database = with_numbers(&config).await;
        let endless = match databases.engine.name() {
            "sqlite" => {
                "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 12000000) SELECT count(*) FROM n"
            }
            "postgres" => "SELECT count(*) FROM (SELECT pg_sleep(600)) AS endless",
            _ => "SELECT sleep(600)",
        };
        let start = Instant::now();
        let soon = || Deadline::after(Duration::from_millis(300));
        let slow = soon().scope(database.read(async |connection| ask(connection, endless).await)).await;
        assert_eq!(slow.expect_err("it takes too long").fault, Fault::TimedOut);
        // The server may still be at it: the connection is given up, not waited for.
        insert(&database, 1).await.expect("a connection that is of use");

        let slow = async |tx: &sea_orm::DatabaseTransaction| {
            store(tx, 2).await?;
            std::future::pending::<()>().await;
            Ok::<_, DatabaseError>(())
        };
        let slow = soon().scope(database.transaction(slow)).await;
        assert_eq!(slow.expect_err("it takes too long").fault, Fault::TimedOut);
        insert(&database, 3).await.expect("a connection that is of use");
        assert_eq!(count(&database).await, 2, "what took too long was rolled back");
        assert!(start.elapsed() < PATIENCE, "{}: {:?}", databases.label(), start.elapsed());
    }
}

#[tokio::test]
async fn a_database_that_closes_turns_away_who_waits_and_waits_for_who_writes() {
    for databases in Databases::on_each_engine() {
        let config = DatabaseConfig { max_connections: 1, ..config_of(databases.empty().await) };
        let database = with_numbers(&config).await;
        let (inside, release) = (Semaphore::new(0), Semaphore::new(0));
        let writing = database.transaction(async |tx| {
            execute(tx, "INSERT INTO numbers (n) VALUES (1)").await?;
            inside.add_permits(1);
            release.acquire().await.expect("it stays open").forget();
            Ok::<_, DatabaseError>(())
        });
        let rest = async {
            inside.acquire().await.expect("it stays open").forget();
            let close = async {
                tokio::task::yield_now().await;
                let closing = database.close();
                let finish = async { release.add_permits(1) };
                tokio::join!(closing, finish).0;
            };
            let (waited, ()) = tokio::join!(insert(&database, 2), close);
            waited
        };
        let (written, waited) = tokio::join!(writing, rest);
        written.expect("it was let in before");
        assert_eq!(waited.expect_err("it is closed").fault, Fault::Closed);
        assert_eq!(insert(&database, 3).await.expect_err("it is closed").fault, Fault::Closed);
        assert_eq!(count(&super::databases::connect(&config).await).await, 1);
    }
}
