//! Servers that die, fall silent and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use adstead_backends::{Backend, Server, available, started};
use adstead_infrastructure::database::{DatabaseConfig, DatabaseError, DatabaseManager, Fault};
use adstead_infrastructure::resilience::Deadline;
use futures::future::join_all;
use sea_orm::DatabaseTransaction;
use tokio::sync::Barrier;

use super::Databases;
use super::databases::config_of;
use super::numbers::{COUNT, ask, count, insert, store, with_numbers};
use super::proxy::Proxy;

const CONNECTIONS: u32 = 4;

fn own_servers() -> impl Iterator<Item = Server> {
    [Backend::Postgres, Backend::MariaDb].into_iter().filter_map(started)
}

fn config(url: String) -> DatabaseConfig {
    DatabaseConfig { max_connections: CONNECTIONS, ..config_of(url) }
}

/// Opens all connections that there may be.
async fn fill(database: &DatabaseManager) {
    let all = Barrier::new(CONNECTIONS as usize);
    let write = async |tx: &DatabaseTransaction| {
        ask(tx, COUNT).await?;
        all.wait().await;
        Ok::<_, DatabaseError>(())
    };
    for outcome in join_all((0..CONNECTIONS).map(|_| database.transaction(write))).await {
        outcome.expect("a server that answers");
    }
    assert_eq!(database.pool().stats().size, CONNECTIONS);
}

#[tokio::test]
async fn a_server_that_was_killed_and_is_back_fails_no_call() {
    for server in own_servers() {
        let database = with_numbers(&config(server.url())).await;
        for round in 0..3 {
            fill(&database).await;
            server.kill().expect("it can be killed");
            if round > 0 {
                let start = Instant::now();
                let soon = || Deadline::after(Duration::from_millis(500));
                let (written, read) = tokio::join!(
                    soon().scope(insert(&database, -1)),
                    soon().scope(database.read(async |it| ask(it, COUNT).await))
                );
                assert_eq!(written.expect_err("it is gone").fault, Fault::Unreachable, "{server:?}");
                assert_eq!(read.expect_err("it is gone").fault, Fault::TimedOut, "{server:?}");
                assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
            }
            server.restart().expect("it can be started");
            let first = round * 20;
            let writes = join_all((first..first + 20).map(|number| insert(&database, number))).await;
            for outcome in writes {
                outcome.unwrap_or_else(|error| panic!("{server:?}: {error:?}"));
            }
            assert_eq!(count(&database).await, first + 20);
        }
        let pool = database.pool().stats();
        assert_eq!((pool.in_use, pool.waiting), (0, 0));
        assert!(pool.size <= CONNECTIONS);
    }
}

#[tokio::test]
async fn a_sign_of_life_comes_soon_or_its_absence_is_told() {
    for server in own_servers() {
        let database = with_numbers(&config(server.url())).await;
        database.ping().await.unwrap_or_else(|error| panic!("{server:?}: {error:?}"));
        server.pause().expect("it can be paused");
        let start = Instant::now();
        assert_eq!(database.ping().await.expect_err("it stands still").fault, Fault::TimedOut, "{server:?}");
        let soon = Deadline::after(Duration::from_millis(100)).scope(database.ping()).await;
        soon.expect_err("it stands still");
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        server.resume().expect("it can be resumed");
        database.ping().await.unwrap_or_else(|error| panic!("{server:?}: {error:?}"));
    }
}

#[tokio::test]
async fn reads_find_their_way_back_as_well() {
    for server in own_servers() {
        let database = with_numbers(&config(server.url())).await;
        fill(&database).await;
        server.kill().expect("it can be killed");
        server.restart().expect("it can be started");
        let reads = (0..20).map(|_| database.read(async |it| ask(it, COUNT).await));
        for outcome in join_all(reads).await {
            assert_eq!(outcome.unwrap_or_else(|error| panic!("{server:?}: {error:?}")), 0);
        }
    }
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_told_as_such_and_not_tried_again() {
    for backend in [Backend::Postgres, Backend::MariaDb] {
        let Some(server) = available(backend) else { continue };
        let databases = Databases::on_backend(backend);
        let proxy = Proxy::to(server.address()).await;
        let database = with_numbers(&config(proxy.url(&databases.empty().await))).await;
        for (number, reaches_the_server) in [(1, false), (2, true)] {
            proxy.lose_commits(!reaches_the_server);
            proxy.lose_answers_to_commits(reaches_the_server);
            let attempts = AtomicU32::new(0);
            let work = async |tx: &DatabaseTransaction| {
                attempts.fetch_add(1, Ordering::Relaxed);
                store(tx, number).await
            };
            let error = database.transaction(work).await.expect_err("its commit is cut off");
            assert_eq!(error.fault, Fault::UnknownOutcome, "{backend}: {error:?}");
            assert_eq!(attempts.into_inner(), 1, "{backend}");
        }
        proxy.lose_answers_to_commits(false);
        assert_eq!(database.statistics().unknown_outcomes, 2);
        // The one did not take effect, the other did: nobody could know.
        insert(&database, 3).await.expect("the line is mended");
        assert_eq!(count(&database).await, 2, "{backend}");
        insert(&database, 1).await.expect("it is not there yet");
        assert_eq!(insert(&database, 2).await.expect_err("it is there").fault, Fault::Taken);
    }
}

#[tokio::test]
async fn a_host_that_vanished_without_a_word_is_given_up_and_its_successor_found() {
    for backend in [Backend::Postgres, Backend::MariaDb] {
        let Some(server) = available(backend) else { continue };
        let databases = Databases::on_backend(backend);
        let proxy = Proxy::to(server.address()).await;
        let database = with_numbers(&config(proxy.url(&databases.empty().await))).await;
        fill(&database).await;
        proxy.fall_silent();
        let start = Instant::now();
        let mut failures = 0;
        for number in 0.. {
            let deadline = Deadline::after(Duration::from_secs(2));
            match deadline.scope(insert(&database, number)).await {
                Ok(()) => break,
                Err(error) => {
                    let is_clear = matches!(
                        error.fault,
                        Fault::Unreachable | Fault::TimedOut | Fault::Disconnected | Fault::Overloaded
                    );
                    assert!(is_clear, "{backend}: {error:?}");
                    failures += 1;
                }
            }
            assert!(start.elapsed() < Duration::from_secs(40), "{backend}: still lost");
        }
        assert!(failures > 0, "{backend}: it did not vanish");
        let writes = (100..120).map(|number| insert(&database, number));
        for outcome in join_all(writes).await {
            outcome.unwrap_or_else(|error| panic!("{backend}: {error:?}"));
        }
        assert_eq!(count(&database).await, 21, "{backend}");
    }
}

#[tokio::test]
async fn connections_that_fall_silent_on_their_way_back_keep_nobody_out() {
    for backend in [Backend::Postgres, Backend::MariaDb] {
        let Some(server) = available(backend) else { continue };
        let databases = Databases::on_backend(backend);
        let proxy = Proxy::to(server.address()).await;
        let database = with_numbers(&config(proxy.url(&databases.empty().await))).await;
        // All calls end well; what is asked of their connections before the pool has them back is never answered.
        proxy.die_after_commits(true);
        fill(&database).await;
        proxy.die_after_commits(false);
        let start = Instant::now();
        let soon = || Deadline::after(Duration::from_secs(1));
        while let Err(error) = soon().scope(insert(&database, 1)).await {
            assert_eq!(error.fault, Fault::Unreachable, "{backend}: {error:?}");
            assert!(start.elapsed() < Duration::from_secs(20), "{backend}: still lost");
        }
        let writes = (100..120).map(|number| insert(&database, number));
        for outcome in join_all(writes).await {
            outcome.unwrap_or_else(|error| panic!("{backend}: {error:?}"));
        }
        assert_eq!(count(&database).await, 21, "{backend}");
        database.close().await;
    }
}

#[tokio::test]
async fn a_server_that_stands_still_holds_nobody_past_their_deadline() {
    for server in own_servers() {
        let database: Arc<DatabaseManager> = with_numbers(&config(server.url())).await;
        fill(&database).await;
        server.pause().expect("it can be paused");
        let start = Instant::now();
        let calls = (0..20)
            .map(|number| Deadline::after(Duration::from_millis(400)).scope(insert(&database, number)));
        for outcome in join_all(calls).await {
            outcome.expect_err("it stands still");
        }
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        server.resume().expect("it can be resumed");
        for number in 100..110 {
            insert(&database, number).await.unwrap_or_else(|error| panic!("{server:?}: {error:?}"));
        }
        // None of those that were given up had sent its commit.
        assert_eq!(count(&database).await, 10, "{server:?}");
    }
}
