use adstead_domain::{Account, Role};
use adstead_testkit::build;
use serde_json::json;

use crate::app::{Setup, TestApp};
use crate::client::new_campaign;

#[tokio::test]
async fn a_role_may_do_what_it_is_for_and_no_more() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.ad().await;
    ada.step(&format!("/v1/ads/{ad}/submit")).await.expect(200);
    let approve = format!("/v1/ads/{ad}/approve");

    let viewer = app.colleague(Role::Viewer).await;
    viewer.get(&format!("/v1/ads/{ad}")).await.expect(200);
    let problem = viewer.post("/v1/campaigns", new_campaign()).await.expect(403);
    assert_eq!(problem["type"], "urn:adstead:problem:forbidden");
    assert_eq!(
        problem["detail"],
        "a key with the role viewer may not write: use a key with the role editor or admin"
    );
    viewer.post("/v1/events", json!({"events": []})).await.expect(403);
    viewer.step(&approve).await.expect(403);

    let editor = app.colleague(Role::Editor).await;
    editor.post("/v1/campaigns", new_campaign()).await.expect(201);
    editor.step(&approve).await.expect(403);
    editor.get("/v1/system/status").await.expect(403);
    editor.get("/v1/system/services").await.expect(403);

    let reviewer = app.colleague(Role::Reviewer).await;
    reviewer.post("/v1/campaigns", new_campaign()).await.expect(403);
    reviewer.step(&approve).await.expect(200);
    ada.get("/v1/system/status").await.expect(200);
    ada.get("/v1/system/services").await.expect(200);
}

#[tokio::test]
async fn who_wrote_an_ad_cannot_approve_it_where_the_account_wants_a_second_person() {
    let account = Account { second_reviewer: true, ..build::account() };
    let app = TestApp::with(Setup { account, ..Setup::default() }).await;
    let ada = app.admin().await;
    let ad = ada.ad().await;
    ada.step(&format!("/v1/ads/{ad}/submit")).await.expect(200);
    let problem = ada.step(&format!("/v1/ads/{ad}/approve")).await.expect(403);
    assert!(problem["detail"].as_str().unwrap().starts_with("you edited this ad"), "{problem}");
    app.colleague(Role::Reviewer).await.step(&format!("/v1/ads/{ad}/approve")).await.expect(200);
}

#[tokio::test]
async fn a_second_approval_is_refused() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    let problem = ada.step(&format!("/v1/ads/{ad}/approve")).await.expect(409);
    assert_eq!(
        problem["detail"],
        "the ad is active and cannot be approved: that takes one that is pending_review"
    );
}
