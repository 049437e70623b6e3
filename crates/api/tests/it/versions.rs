use axum::body::Body;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn a_change_of_a_stale_version_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let path = format!("/v1/campaigns/{}", ada.campaign().await);
    let first = ada.get(&path).await;
    assert_eq!(first.header("etag"), "\"1\"");
    let second = ada.patch(&path, json!({"name": "Summer sale"})).await;
    assert_eq!(second.header("etag"), "\"2\"");

    let stale = [("if-match", "\"1\""), ("content-type", "application/json")];
    let problem = ada.send("PATCH", &path, &stale, r#"{"name": "Autumn sale"}"#).await.expect(412);
    assert_eq!(
        problem["detail"],
        "you saw version 1, and it is at version 2 now: read it again and repeat your change"
    );
    ada.send("POST", &format!("{path}/activate"), &[("if-match", "\"1\"")], Body::empty()).await.expect(412);
    let campaign = ada.get(&path).await.expect(200);
    assert_eq!((&campaign["name"], &campaign["status"]), (&json!("Summer sale"), &json!("draft")));
}

#[tokio::test]
async fn a_change_of_the_present_version_is_carried_out() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    for tag in ["\"1\"", "W/\"1\"", "*"] {
        let path = format!("/v1/campaigns/{}/archive", ada.campaign().await);
        ada.send("POST", &path, &[("if-match", tag)], Body::empty()).await.expect(200);
    }
}

#[tokio::test]
async fn a_tag_that_is_none_is_refused() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let path = format!("/v1/campaigns/{}/archive", ada.campaign().await);
    for tag in ["1", "\"one\"", "\"1\", \"2\"", ""] {
        ada.send("POST", &path, &[("if-match", tag)], Body::empty()).await.expect(400);
    }
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.ad().await;
    let group = ada.get(&format!("/v1/ads/{ad}")).await.expect(200)["ad_group_id"].clone();
    for path in [format!("/v1/ads/{ad}"), format!("/v1/ad-groups/{}", group.as_str().unwrap())] {
        for known in ["\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"] {
            let reply = ada.send("GET", &path, &[("if-none-match", known)], Body::empty()).await;
            assert_eq!((reply.status.as_u16(), reply.body.len()), (304, 0), "{known}");
            assert_eq!(reply.header("etag"), "\"1\"");
        }
        ada.send("GET", &path, &[("if-none-match", "\"2\"")], Body::empty()).await.expect(200);
    }
}
