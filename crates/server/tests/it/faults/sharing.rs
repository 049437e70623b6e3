use std::thread;
use std::time::{Duration, Instant};

use adstead_backends::{Backend, started};
use serde_json::Value;
use sqlx::{Connection, PgConnection, query};

use super::figures::tell;
use super::load::Load;
use crate::crash::draft_ad;
use crate::http::{ask, succeed};
use crate::server::{Server, adstead, eventually};

#[test]
fn two_processes_write_to_one_sqlite_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let one = Server::start(folder.path());
    let load = Load::on(&one, 50);
    let other = Server::start(folder.path());
    load.send_to(&[one.address, other.address]);
    let tally = load.run(8, |_| (), || load.wait_for_batches(150));
    load.check(one.address, &tally);
    load.check(other.address, &tally);
    tell("two_processes_on_one_sqlite_file", 0, &tally);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_two_under_a_hundred_requests_sheds_the_excess_and_recovers() {
    const REQUESTS: usize = 100;
    let Some(postgres) = started(Backend::Postgres) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = adstead(folder.path(), &["serve"]);
    command
        .env("ADSTEAD__DATABASE__URL", postgres.url())
        .env("ADSTEAD__DATABASE__MAX_CONNECTIONS", "2")
        .env("ADSTEAD__DATABASE__ACQUIRE_TIMEOUT", "500ms")
        .env("ADSTEAD__DATABASE__LOCK_TIMEOUT", "20s");
    let server = Server::spawn(&mut command);
    let (address, key) = (server.address, server.first_key());
    let ad = draft_ad(&server, &key);
    let event = serde_json::json!({
        "id": "00000000-0000-4000-8000-000000000001",
        "kind": "impression",
        "ad_id": ad,
        "occurred_at": "2026-01-01T00:00:00Z",
    });
    let event = serde_json::json!({ "events": [event] });
    succeed(address, "POST /v1/events", &key, Some(&event));

    // Somebody has the account's recorders wait, and so the connections that they hold.
    let mut holder = PgConnection::connect(&postgres.url()).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    query("SELECT id FROM accounts FOR UPDATE").fetch_all(&mut *held).await.unwrap();
    let answers = thread::scope(|scope| {
        let requests: Vec<_> = (0..REQUESTS)
            .map(|_| {
                scope.spawn(|| {
                    let start = Instant::now();
                    (ask(address, "POST /v1/events", &key, Some(&event)).unwrap(), start.elapsed())
                })
            })
            .collect();
        let timeouts = || pool(address, &key).is_some_and(|pool| pool["timeouts"].as_u64().unwrap() >= 98);
        let all_shed = || timeouts().then_some(());
        eventually("the excess is shed", all_shed);
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(held.rollback()).unwrap();
        });
        requests.into_iter().map(|request| request.join().unwrap()).collect::<Vec<_>>()
    });

    let (served, shed): (Vec<_>, Vec<_>) = answers.iter().partition(|(answer, _)| answer.status == 200);
    assert_eq!((served.len(), shed.len()), (2, REQUESTS - 2));
    for (answer, took) in shed {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.json()["type"], "urn:adstead:problem:unavailable");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(*took < Duration::from_secs(10), "{took:?}");
    }
    for _ in 0..10 {
        succeed(address, "POST /v1/events", &key, Some(&event));
    }
    let pool = pool(address, &key).unwrap();
    assert_eq!((&pool["waiting"], &pool["in_use"]), (&Value::from(0), &Value::from(0)), "{pool}");
}

/// What the server's one pool tells of itself; nothing where not even the key could be checked.
fn pool(address: std::net::SocketAddr, key: &str) -> Option<Value> {
    let answer = ask(address, "GET /v1/system/status", key, None).unwrap();
    (answer.status == 200).then(|| answer.json()["database"]["pools"][0].clone())
}
