use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use adstead_domain::port::Clock;
use adstead_infrastructure::system::SystemClock;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::http::{ask, succeed};
use crate::server::{Server, eventually};

const SENDERS: usize = 3;
const BATCHES: usize = 60;
const EVENTS: usize = 100;

#[test]
fn events_that_were_acknowledged_before_a_kill_are_counted_exactly_once_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let key = server.first_key();
    let ad = draft_ad(&server, &key);
    let address = server.address;
    let now = SystemClock.now();
    let batch = |sender, number| batch(&ad, now, sender, number);

    let acknowledged = AtomicUsize::new(0);
    let counted: usize = thread::scope(|scope| {
        let senders = (0..SENDERS).map(|sender| {
            let (acknowledged, key, batch) = (&acknowledged, &key, &batch);
            scope.spawn(move || {
                let sent = (0..BATCHES).map_while(|number| {
                    let answer = ask(address, "POST /v1/events", key, Some(&batch(sender, number))).ok()?;
                    assert_eq!(answer.status, 200, "{answer:?}");
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                    Some(())
                });
                sent.count()
            })
        });
        let senders: Vec<_> = senders.collect();
        eventually("a few batches are acknowledged", || {
            (acknowledged.load(Ordering::Relaxed) >= 10).then_some(())
        });
        server.kill();
        senders.into_iter().map(|sender| sender.join().unwrap()).sum()
    });
    assert!((10..SENDERS * BATCHES).contains(&counted), "the kill came too late to mean anything: {counted}");

    let server = Server::start(folder.path());
    let impressions = || {
        let report = "GET /v1/reports/performance?granularity=total&group_by=account";
        let report = succeed(server.address, report, &key, None);
        report["totals"]["impressions"].as_u64().unwrap() as usize
    };
    let survived = impressions();
    assert!(survived >= counted * EVENTS, "{survived} of {} acknowledged events survived", counted * EVENTS);
    assert_eq!(survived % EVENTS, 0, "a batch was kept in part");

    // A sender that did not hear an answer sends everything again.
    for sender in 0..SENDERS {
        for number in 0..BATCHES {
            succeed(server.address, "POST /v1/events", &key, Some(&batch(sender, number)));
        }
    }
    let report = "GET /v1/reports/performance?granularity=day&group_by=ad";
    let report = succeed(server.address, report, &key, None);
    assert_eq!(report["totals"]["impressions"], SENDERS * BATCHES * EVENTS);
}

/// The id of an ad that events may be about.
pub(crate) fn draft_ad(server: &Server, key: &str) -> String {
    let make = |path: &str, body: Value| {
        let made = succeed(server.address, &format!("POST /v1/{path}"), key, Some(&body));
        made["id"].as_str().unwrap().to_owned()
    };
    let budget = json!({ "currency": "EUR", "amount_micros": 1_000_000_000 });
    let campaign = json!({ "name": "Spring", "objective": "sales", "platform": "google", "budget": budget });
    let campaign = make("campaigns", campaign);
    let group = make(&format!("campaigns/{campaign}/ad-groups"), json!({ "name": "Everybody" }));
    let ad = json!({
        "name": "Spring 1",
        "type": "text",
        "headlines": ["Fresh coffee", "Roasted on Monday", "Try a bag"],
        "descriptions": ["By post.", "In two days."],
        "final_url": "https://example.com/spring",
    });
    make(&format!("ad-groups/{group}/ads"), ad)
}

/// The same impressions whenever it is asked for.
fn batch(ad: &str, at: Timestamp, sender: usize, number: usize) -> Value {
    let event = |index: usize| {
        let serial = (sender * BATCHES + number) * EVENTS + index;
        json!({
            "id": format!("00000000-0000-4000-8000-{serial:012x}"),
            "kind": "impression",
            "ad_id": ad,
            "occurred_at": at,
        })
    };
    json!({ "events": (0..EVENTS).map(event).collect::<Vec<_>>() })
}
