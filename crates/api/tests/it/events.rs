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
