use adstead_domain::{Account, Zone};
use adstead_testkit::build;
use serde_json::{Value, json};

use crate::app::{Setup, TestApp};
use crate::client::{Client, event};

async fn record(client: &Client, ad: &str, occurrences: &[&str]) {
    let events: Vec<Value> = occurrences
        .iter()
        .zip(1..)
        .map(|(at, number)| {
            let mut event = event(number, ad);
            event["occurred_at"] = json!(at);
            event
        })
        .collect();
    let recorded = client.post("/v1/events", json!({"events": events})).await.expect(200);
    assert_eq!(recorded["accepted"], occurrences.len());
}

#[tokio::test]
async fn days_are_those_of_the_account() {
    let account = Account { time_zone: "America/New_York".parse::<Zone>().unwrap(), ..build::account() };
    let app = TestApp::with(Setup { account, ..Setup::default() }).await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    record(&ada, &ad, &["2026-03-01T04:59:00Z", "2026-03-01T05:00:00Z", "2026-03-02T04:59:00Z"]).await;
    let report = ada.get("/v1/reports/performance?from=2026-02-28&to=2026-03-01").await.expect(200);
    let rows: Vec<_> =
        report["rows"].as_array().unwrap().iter().map(|row| (&row["period"], &row["impressions"])).collect();
    assert_eq!(rows, [(&json!("2026-02-28"), &json!(1)), (&json!("2026-03-01"), &json!(2))]);
    assert_eq!(report["time_zone"], "America/New_York");
    assert_eq!(
        (&report["from"], &report["to"]),
        (&json!("2026-02-28T05:00:00Z"), &json!("2026-03-02T05:00:00Z"))
    );
}

#[tokio::test]
async fn a_report_has_every_figure_and_null_where_a_divisor_is_zero() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    record(&ada, &ad, &["2026-03-02T08:05:00Z", "2026-03-02T08:50:00Z"]).await;
    let path = format!(
        "/v1/reports/performance?from=2026-03-02T08:00:00Z&to=2026-03-02T09:00:00Z&granularity=hour&group_by=platform&ad_id={ad}"
    );
    insta::assert_json_snapshot!(ada.get(&path).await.expect(200));
}

#[tokio::test]
async fn a_funnel_tells_each_stage_s_share_of_the_one_before() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    let events =
        ["impression", "impression", "impression", "impression", "click", "conversion", "conversion"];
    let events = events.iter().zip(1..).map(|(kind, number)| {
        let mut event = event(number, &ad);
        event["kind"] = json!(kind);
        event
    });
    let events: Vec<Value> = events.collect();
    let recorded = ada.post("/v1/events", json!({"events": events})).await.expect(200);
    assert_eq!(recorded["accepted"], 7);
    let funnel = ada.get(&format!("/v1/reports/funnel?ad_type=text&ad_id={ad}")).await.expect(200);
    assert_eq!(
        funnel["stages"],
        json!([
            {"kind": "impression", "count": 4, "of_previous": null, "of_first": 1.0},
            {"kind": "click", "count": 1, "of_previous": 0.25, "of_first": 0.25},
            {"kind": "conversion", "count": 2, "of_previous": 2.0, "of_first": 0.5},
        ])
    );
    let none = ada.get("/v1/reports/funnel?ad_type=video").await.expect(200);
    assert_eq!(
        none["stages"][1],
        json!({"kind": "click", "count": 0, "of_previous": null, "of_first": null})
    );
}

#[tokio::test]
async fn budgets_are_set_against_what_their_campaigns_spent() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    record(&ada, &ad, &["2026-02-01T08:00:00Z", "2026-03-02T08:00:00Z"]).await;
    let page = ada.get("/v1/reports/budgets?status=active").await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    insta::assert_json_snapshot!(page);
}

#[tokio::test]
async fn a_report_of_an_impossible_time_is_refused() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let faults =
        ada.get("/v1/reports/performance?from=yesterday&granularity=week&group_by=moon").await.faults();
    assert_eq!(
        faults,
        [
            "/from: \"yesterday\" is neither a day such as 2026-11-01 nor an instant such as 2026-11-01T09:00:00Z",
            "/granularity: \"week\" is not a granularity: use one of hour, day, total",
            "/group_by: \"moon\" is not a grouping: use one of account, campaign, ad_group, ad, platform, ad_type",
        ]
    );
    let faults = ada.get("/v1/reports/performance?from=2026-03-02&to=2026-03-01").await.faults();
    assert!(faults[0].starts_with("/from: the report ends at"), "{faults:?}");
    let faults = ada.get(&format!("/v1/ads/{}/prediction?horizon_days=31", ada.ad().await)).await.faults();
    assert_eq!(faults, ["/horizon_days: a horizon of 31 days is out of bounds: ask for 1 to 30"]);
}

#[tokio::test]
async fn a_summary_shows_every_status() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    insta::assert_json_snapshot!(ada.get("/v1/reports/summary").await.expect(200));
}

#[tokio::test]
async fn enough_history_gives_a_forecast_with_bounds() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    let days: Vec<_> = (20..=28).map(|day| format!("2026-02-{day}T12:00:00Z")).collect();
    record(&ada, &ad, &days.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let prediction = ada.get(&format!("/v1/ads/{ad}/prediction?horizon_days=2")).await.expect(200);
    assert_eq!(prediction["enough_data"], true);
    let days: Vec<_> = prediction["forecast"].as_array().unwrap().iter().map(|day| &day["date"]).collect();
    assert_eq!(days, ["2026-03-02", "2026-03-03"]);
    let expected = &prediction["forecast"][0]["impressions"];
    assert!(expected["low"].as_f64() <= expected["expected"].as_f64(), "{expected}");
}
