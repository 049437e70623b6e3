use adstead_domain::port::Clock;
use adstead_infrastructure::system::SystemClock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use adstead_backends::{Backend, started};
use serde_json::Value;
use sqlx::{Connection, PgConnection, query};
use tokio::runtime::Handle;

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
        "occurred_at": SystemClock.now(),
    });
    let event = serde_json::json!({ "events": [event] });
    succeed(address, "POST /v1/events", &key, Some(&event));

    // Whoever records events waits, and holds a connection meanwhile.
    let mut holder = PgConnection::connect(&postgres.url()).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    query("LOCK TABLE performance_events IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await.unwrap();
    let turned_away = AtomicUsize::new(0);
    let answers = thread::scope(|scope| {
        let request = || {
            let start = Instant::now();
            let answer = ask(address, "POST /v1/events", &key, Some(&event)).unwrap();
            turned_away.fetch_add(usize::from(answer.status == 503), Ordering::SeqCst);
            (answer, start.elapsed())
        };
        let requests: Vec<_> = (0..REQUESTS).map(|_| scope.spawn(request)).collect();
        let all_but_two = || (turned_away.load(Ordering::SeqCst) == REQUESTS - 2).then_some(());
        eventually("the excess is shed", all_but_two);
        let release = held.rollback();
        tokio::task::block_in_place(|| Handle::current().block_on(release)).unwrap();
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
    let status = succeed(address, "GET /v1/system/status", &key, None);
    let pool = &status["database"]["pools"][0];
    assert!(pool["timeouts"].as_u64().unwrap() >= REQUESTS as u64 - 2, "{pool}");
    assert_eq!((&pool["waiting"], &pool["in_use"]), (&Value::from(0), &Value::from(0)), "{pool}");
}
