use adstead_domain::{AdId, PerformanceEvent, Role};
use adstead_testkit::build;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::event;

#[tokio::test]
async fn each_event_is_judged_on_its_own() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    let with = |number, field: &str, value: Value| {
        let mut event = event(number, &ad);
        event[field] = value;
        event
    };
    let mut much_wrong = with(8, "cost_micros", json!("free"));
    much_wrong["device"] = json!("toaster");
    much_wrong.as_object_mut().unwrap().remove("kind");
    let events = json!([
        event(1, &ad),
        event(1, &ad),
        with(2, "ad_id", json!("00000000-0000-7000-8000-000000000000")),
        with(3, "occurred_at", json!("2026-03-03T09:00:00Z")),
        with(4, "cost_micros", json!(-1)),
        with(5, "kind", json!("view")),
        with(6, "colour", json!("red")),
        "not an event",
        much_wrong,
        with(9, "placement", json!("feed \"top\"")),
    ]);
    insta::assert_json_snapshot!(ada.post("/v1/events", json!({"events": events})).await.expect(200));
}

#[tokio::test]
async fn events_come_one_a_line_too() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    let body = format!("{}\n\n{{\"id\": \n{}\r\n", event(1, &ad), event(2, &ad));
    let lines = [("content-type", "application/x-ndjson")];
    let recorded = ada.send("POST", "/v1/events", &lines, body).await.expect(200);
    assert_eq!(recorded["accepted"], 2);
    assert_eq!(recorded["rejected"][0]["index"], 1);
    let reason = recorded["rejected"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("it is not JSON: EOF"), "{reason}");
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_as_a_whole() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    let json = [("content-type", "application/json")];
    ada.send("POST", "/v1/events", &json, r#"{"events": [{}"#).await.expect(400);
    ada.send("POST", "/v1/events", &json, r#"{"event": []}"#).await.expect(422);
    ada.send("POST", "/v1/events", &[("content-type", "text/csv")], "id,kind").await.expect(415);
    let many: Vec<_> = (0..5_001).map(|number| event(number, &ad)).collect();
    let faults = ada.post("/v1/events", json!({"events": many})).await.faults();
    assert_eq!(faults, ["/events: there are 5001 events, 5000 are allowed at a time: send them in parts"]);
    let lines = [("content-type", "application/x-ndjson")];
    let faults = ada.send("POST", "/v1/events", &lines, "1\n".repeat(5_001)).await.faults();
    assert_eq!(faults, ["/events: there are 5001 events, 5000 are allowed at a time: send them in parts"]);
    let large = "x".repeat(6 * 1024 * 1024);
    ada.send("POST", "/v1/events", &json, large).await.expect(413);
}

#[tokio::test]
async fn what_was_rejected_can_be_read_by_those_who_send() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    let mut old = event(1, &ad);
    old["occurred_at"] = json!("2025-11-01T00:00:00Z");
    for _ in 0..2 {
        let events = json!({"events": [old, event(2, &ad), "not an event"]});
        assert_eq!(ada.post("/v1/events", events).await.expect(200)["rejected"].as_array().unwrap().len(), 2);
        app.clock.advance(SignedDuration::from_secs(1));
    }
    let first = ada.get("/v1/events/rejected?limit=1").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("/v1/events/rejected?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!(second["next_cursor"], Value::Null);
    let mut reasons = [&first, &second].map(|page| {
        let item = &page["items"][0];
        assert_eq!(item["received_at"], "2026-03-02T09:00:01Z");
        (item["payload"].as_str().unwrap().to_owned(), item["reason"].as_str().unwrap().to_owned())
    });
    reasons.sort();
    assert_eq!(reasons[0].0, "\"not an event\"");
    assert_eq!(reasons[1].0, old.to_string());
    assert_eq!(
        reasons[1].1,
        "occurred_at 2025-11-01T00:00:00Z is too old: events are kept for 90 days, at present those since \
         2025-12-02T09:00:01Z; send them sooner"
    );
    let none = app.stranger().await.get("/v1/events/rejected").await.expect(200);
    assert_eq!(none["items"], json!([]));
    app.colleague(Role::Editor).await.get("/v1/events/rejected").await.expect(200);
    app.colleague(Role::Viewer).await.get("/v1/events/rejected").await.expect(403);
    ada.get(&format!("/v1/ads?cursor={cursor}")).await.expect(400);
}

#[tokio::test]
async fn figures_past_64_bits_are_refused_with_a_reason() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    let ad_id = ad.parse::<AdId>().unwrap();
    let whole = app.repositories.ads.get(app.account.id, ad_id).await.unwrap().unwrap();
    let huge = || PerformanceEvent { cost_micros: i64::MAX / 2 + 1, ..build::event(&whole) };
    let batch = build::batch([huge(), huge()]);
    app.repositories.performance.record(app.account.id, batch).await.unwrap();
    for path in ["/v1/reports/performance", "/v1/reports/summary"] {
        let faults = ada.get(path).await.faults();
        assert!(faults[0].contains("64 bits"), "{path}: {faults:?}");
    }
    let faults = ada.step(&format!("/v1/ads/{ad}/optimizations")).await.faults();
    assert!(faults[0].contains("64 bits"), "{faults:?}");
}

#[tokio::test]
async fn a_reason_is_no_longer_than_a_person_reads() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let mut strange = json!({});
    for index in 0..200 {
        strange[format!("{}{index}", "x".repeat(1_000))] = json!(1);
    }
    let recorded = ada.post("/v1/events", json!({"events": [strange]})).await.expect(200);
    assert!(recorded["rejected"][0]["reason"].as_str().unwrap().len() < 700);
}
