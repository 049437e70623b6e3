use adstead_testkit::contract::files::png;
use serde_json::json;

use crate::app::TestApp;
use crate::client::{brief, event, id, new_campaign};

#[tokio::test]
async fn the_whole_cycle_from_campaign_to_recommendation() {
    let app = TestApp::new().await;
    let ada = app.admin().await;

    let campaign = ada.post("/v1/campaigns", new_campaign()).await.expect(201);
    assert_eq!((&campaign["status"], &campaign["version"]), (&json!("draft"), &json!(1)));
    let campaign = id(&campaign);
    let group = ada.ad_group(&campaign).await;

    let generation = ada.post("/v1/generations", json!({"brief": brief()})).await.expect(201);
    assert_eq!(generation["variants"].as_array().unwrap().len(), 3);
    assert_eq!(generation["provenance"]["provider"], "scripted");
    let adoption =
        json!({"ad_group_id": group, "variants": [0, 2], "final_url": "https://example.com/spring"});
    let path = format!("/v1/generations/{}/ads", id(&generation));
    let ads = ada.post(&path, adoption).await.expect(201);
    let ad = id(&ads["ads"][0]);
    assert_eq!(ads["ads"][1]["headlines"], generation["variants"][2]["headlines"]);

    let image = png(1200, 628, 2_000);
    let asset = ada.send("POST", "/v1/assets?name=hero.png", &[("content-type", "image/png")], image).await;
    let asset = asset.expect(201);
    assert_eq!((&asset["width"], &asset["size_bytes"]), (&json!(1200), &json!(2000)));
    let with_image = json!({"asset_ids": [asset["id"]]});
    let edited = ada.patch(&format!("/v1/ads/{ad}"), with_image).await.expect(200);
    assert_eq!(edited["asset_ids"], json!([asset["id"]]));

    ada.step(&format!("/v1/ads/{ad}/submit")).await.expect(200);
    let approved = ada.post(&format!("/v1/ads/{ad}/approve"), json!({"notes": "fine"})).await.expect(200);
    assert_eq!(approved["reviews"][0]["notes"], "fine");
    ada.step(&format!("/v1/campaigns/{campaign}/activate")).await.expect(200);
    let active = ada.step(&format!("/v1/ads/{ad}/activate")).await.expect(200);
    assert_eq!(active["status"], "active");

    let events: Vec<_> = (0..1_200).map(|number| event(number, &ad)).collect();
    let recorded = ada.post("/v1/events", json!({"events": events})).await.expect(200);
    assert_eq!(recorded, json!({"accepted": 1_200, "duplicates": 0, "rejected": []}));
    let again = ada.post("/v1/events", json!({"events": events})).await.expect(200);
    assert_eq!(again, json!({"accepted": 0, "duplicates": 1_200, "rejected": []}));

    let report = ada.get("/v1/reports/performance?granularity=total&group_by=ad").await.expect(200);
    assert_eq!(report["totals"]["spend_micros"], 2_400_000);
    assert_eq!(report["rows"][0]["key"], json!(ad));
    let summary = ada.get("/v1/reports/summary").await.expect(200);
    assert_eq!((&summary["ads"]["active"], &summary["ads"]["draft"]), (&json!(1), &json!(1)));
    assert_eq!(summary["spend_today_micros"], 2_400_000);
    let prediction = ada.get(&format!("/v1/ads/{ad}/prediction?horizon_days=3")).await.expect(200);
    assert_eq!((&prediction["enough_data"], &prediction["forecast"]), (&json!(false), &json!([])));

    let run = ada.step(&format!("/v1/ads/{ad}/optimizations")).await.expect(201);
    assert_eq!(run["metrics"]["impressions"], 1_200);
    let runs = ada.get(&format!("/v1/ads/{ad}/optimizations")).await.expect(200);
    assert_eq!(runs["items"][0]["id"], run["id"]);
}

#[tokio::test]
async fn a_run_that_was_applied_tells_how_things_stood_before_and_after() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    // Nine tenths of the daily limit at nine in the morning.
    let mut burst = event(1, &ad);
    burst["cost_micros"] = json!(45_000_000);
    ada.post("/v1/events", json!({"events": [burst]})).await.expect(200);

    let run = ada.step(&format!("/v1/ads/{ad}/optimizations")).await.expect(201);
    assert_eq!(run["recommendations"][0]["rule"], "spending_too_fast");
    assert_eq!(run["recommendations"][0]["action"], json!({"type": "pause_ad"}));
    let applied = ada.step(&format!("/v1/optimizations/{}/apply", id(&run))).await.expect(200);
    assert_eq!(applied["applied"]["before"]["ad_status"], "active");
    assert_eq!(applied["applied"]["after"]["ad_status"], "paused");
    assert_eq!(ada.get(&format!("/v1/ads/{ad}")).await.expect(200)["status"], "paused");

    let again = ada.step(&format!("/v1/optimizations/{}/apply", id(&run))).await.expect(409);
    assert_eq!(again["type"], "urn:adstead:problem:wrong-state");
}

#[tokio::test]
async fn a_rejected_ad_is_revised_and_submitted_again() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.ad().await;
    ada.step(&format!("/v1/ads/{ad}/submit")).await.expect(200);
    let rejected = ada.post(&format!("/v1/ads/{ad}/reject"), json!({"reason": "too loud"})).await.expect(200);
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(rejected["reviews"][0]["decision"], "rejected");
    ada.step(&format!("/v1/ads/{ad}/revise")).await.expect(200);
    assert_eq!(ada.step(&format!("/v1/ads/{ad}/submit")).await.expect(200)["status"], "pending_review");
}

#[tokio::test]
async fn what_is_made_says_where_it_is() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let made = ada.post("/v1/campaigns", new_campaign()).await;
    let location = made.header("location").to_owned();
    assert_eq!(ada.get(&location).await.expect(200), made.expect(201));
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.insert(0, ada.campaign().await);
    }
    let mut seen = Vec::new();
    let mut path = "/v1/campaigns?limit=2".to_owned();
    loop {
        let page = ada.get(&path).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(id));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/campaigns?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_list_is_narrowed_by_its_filters() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let (active, draft) = (ada.active_ad().await, ada.ad().await);
    let listed = ada.get("/v1/ads?status=active").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [active]);
    let group = ada.get(&format!("/v1/ads/{draft}")).await.expect(200)["ad_group_id"].clone();
    let listed = ada.get(&format!("/v1/ads?ad_group_id={}", group.as_str().unwrap())).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [draft]);
}

#[tokio::test]
async fn an_archived_ad_cannot_be_edited() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.ad().await;
    ada.step(&format!("/v1/ads/{ad}/archive")).await.expect(200);
    let problem = ada.patch(&format!("/v1/ads/{ad}"), json!({"name": "New"})).await.expect(409);
    assert_eq!(problem["detail"], "the ad is archived and can only be read: make a new one");
}

#[tokio::test]
async fn a_campaign_is_activated_only_inside_its_schedule() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let mut new = new_campaign();
    new["schedule"] = json!({"start": "2026-12-01T00:00:00Z", "time_zone": "Europe/Berlin"});
    let campaign = id(&ada.post("/v1/campaigns", new).await.expect(201));
    let problem = ada.step(&format!("/v1/campaigns/{campaign}/activate")).await.expect(409);
    assert!(
        problem["detail"].as_str().unwrap().starts_with("the schedule begins at 2026-12-01"),
        "{problem}"
    );
    app.clock.set("2026-12-01T00:00:00Z".parse().unwrap());
    ada.step(&format!("/v1/campaigns/{campaign}/activate")).await.expect(200);
}

#[tokio::test]
async fn a_campaign_is_activated_only_inside_its_budget() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    let campaign = ada.get(&format!("/v1/ads/{ad}")).await.expect(200)["campaign_id"].clone();
    let campaign = format!("/v1/campaigns/{}", campaign.as_str().unwrap());
    let mut dear = event(1, &ad);
    dear["cost_micros"] = json!(50_000_000);
    ada.post("/v1/events", json!({"events": [dear]})).await.expect(200);
    ada.step(&format!("{campaign}/pause")).await.expect(200);
    let problem = ada.step(&format!("{campaign}/activate")).await.expect(409);
    assert!(
        problem["detail"].as_str().unwrap().starts_with("the daily limit of 50.00 USD is used up"),
        "{problem}"
    );
}

#[tokio::test]
async fn null_clears_what_may_be_absent_and_nothing_else() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let mut new = new_campaign();
    new["schedule"] = json!({"start": "2026-01-01T00:00:00Z", "time_zone": "UTC"});
    let path = format!("/v1/campaigns/{}", id(&ada.post("/v1/campaigns", new).await.expect(201)));
    let kept = ada.patch(&path, json!({"name": "Summer sale"})).await.expect(200);
    assert_eq!(kept["schedule"]["time_zone"], "UTC");
    let cleared = ada.patch(&path, json!({"schedule": null})).await.expect(200);
    assert_eq!((&cleared["schedule"], &cleared["name"]), (&json!(null), &json!("Summer sale")));
    let faults = ada.patch(&path, json!({"name": null})).await.faults();
    assert_eq!(faults, ["/name: cannot be null: leave the field out to keep its value"]);
}
