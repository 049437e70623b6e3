use adstead_domain::port::Clock;
use adstead_infrastructure::system::SystemClock;
use std::thread;
use std::time::{Duration, Instant};

use adstead_backends::{Backend, started};
use serde_json::json;
use sqlx::{Connection, PgConnection, query};

use crate::crash::draft_ad;
use crate::http::{ask, succeed};
use crate::server::{Server, adstead, eventually};

#[tokio::test]
async fn the_time_out_of_a_request_bounds_what_the_database_does_for_it() {
    let Some(postgres) = started(Backend::Postgres) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = adstead(folder.path(), &["serve"]);
    command
        .env("ADSTEAD__API__REQUEST_TIMEOUT", "2s")
        .env("ADSTEAD__DATABASE__URL", postgres.url())
        .env("ADSTEAD__DATABASE__MAX_CONNECTIONS", "1")
        .env("ADSTEAD__DATABASE__ACQUIRE_TIMEOUT", "1m")
        .env("ADSTEAD__DATABASE__LOCK_TIMEOUT", "1m");
    let server = Server::spawn(&mut command);
    let (address, key) = (server.address, server.first_key());
    let event = json!({
        "id": "00000000-0000-4000-8000-000000000001",
        "kind": "impression",
        "ad_id": draft_ad(&server, &key),
        "occurred_at": SystemClock.now(),
    });
    let event = json!({ "events": [event] });
    let send = || ask(address, "POST /v1/events", &key, Some(&event)).unwrap();
    let list = || ask(address, "GET /v1/campaigns", &key, None).unwrap();
    assert_eq!(send().status, 200, "the month has its partition from now on");

    // Whoever records events waits, and holds the one connection meanwhile.
    let mut holder = PgConnection::connect(&postgres.url()).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    query("LOCK TABLE performance_events IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await.unwrap();
    let start = Instant::now();
    let (sent, listed) = thread::scope(|scope| {
        let sending = scope.spawn(send);
        thread::sleep(Duration::from_millis(300));
        let listed = list();
        (sending.join().unwrap(), listed)
    });
    assert_eq!(sent.json()["type"], "urn:adstead:problem:timeout", "{sent:?}");
    // It waited for a connection, or for the one that was given up to be closed.
    assert!(matches!(listed.status, 503 | 504), "{listed:?}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());

    // The lock is still held, but nobody waits for it any more.
    eventually("the connection is free again", || (list().status == 200).then_some(()));
    held.rollback().await.unwrap();
    let again = succeed(address, "POST /v1/events", &key, Some(&event));
    assert_eq!((&again["accepted"], &again["duplicates"]), (&json!(0), &json!(1)), "{again}");
}
