use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use adstead_api::ApiLimits;
use adstead_domain::AdCopy;
use adstead_domain::port::{CopyRequest, CopyWriter, PortError, RewriteRequest, Written};
use async_trait::async_trait;
use axum::body::Body;
use serde_json::json;

use crate::app::{Setup, TestApp};
use crate::client::brief;

/// A provider that never answers, or panics.
pub(crate) struct StuckWriter {
    pub(crate) panics: bool,
}

#[async_trait]
impl CopyWriter for StuckWriter {
    async fn write(&self, _: &CopyRequest) -> Result<Written<Vec<AdCopy>>, PortError> {
        assert!(!self.panics, "the writer lost its pen");
        pending().await
    }

    async fn rewrite(&self, _: &RewriteRequest) -> Result<Written<Vec<String>>, PortError> {
        pending().await
    }
}

async fn stuck(panics: bool, max_concurrency: usize) -> TestApp {
    let limits = ApiLimits { max_concurrency, ..ApiLimits::default() };
    TestApp::with(Setup { writer: Arc::new(StuckWriter { panics }), limits, ..Setup::default() }).await
}

#[tokio::test(start_paused = true)]
async fn a_generation_has_a_time_limit_of_its_own() {
    let app = stuck(false, 8).await;
    let ada = app.admin().await;
    let began = tokio::time::Instant::now();
    let problem = ada.post("/v1/generations", json!({"brief": brief()})).await.expect(504);
    assert_eq!(problem["type"], "urn:adstead:problem:timeout");
    assert_eq!(began.elapsed().as_secs(), ApiLimits::default().generation_timeout.as_secs());
}

#[tokio::test(start_paused = true)]
async fn requests_past_the_limit_are_turned_away_and_health_is_answered_on() {
    let app = stuck(false, 1).await;
    let ada = app.admin().await;
    let busy = tokio::spawn({
        let ada = ada.clone();
        async move { ada.post("/v1/generations", json!({"brief": brief()})).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let reply = ada.get("/v1/me").await;
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(reply.expect(503)["type"], "urn:adstead:problem:overloaded");
    ada.get("/healthz").await.expect(200);
    busy.await.unwrap().expect(504);
    ada.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing_of_it() {
    let app = stuck(true, 8).await;
    let ada = app.admin().await;
    let problem = ada.post("/v1/generations", json!({"brief": brief()})).await.expect(500);
    insta::assert_json_snapshot!(problem);
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_stands_still_is_given_up() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let silent = Body::from_stream(futures::stream::pending::<Result<String, std::io::Error>>());
    let problem = ada.send("POST", "/v1/assets?name=a.png", &[], silent).await.expect(400);
    assert!(problem["detail"].as_str().unwrap().contains("stood still"), "{problem}");
}

#[tokio::test]
async fn a_request_keeps_the_id_that_it_came_with_where_that_is_sane() {
    let app = TestApp::new().await;
    let nobody = app.nobody();
    let named = nobody.send("GET", "/healthz", &[("x-request-id", "trace-7.b_1")], Body::empty()).await;
    assert_eq!(named.header("x-request-id"), "trace-7.b_1");
    for odd in ["two words", "a\"b", &"x".repeat(200)] {
        let renamed = nobody.send("GET", "/healthz", &[("x-request-id", odd)], Body::empty()).await;
        assert_eq!(renamed.header("x-request-id").len(), 36, "{odd}");
    }
}

#[tokio::test]
async fn answers_are_compressed_but_for_files() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let gzip = [("accept-encoding", "gzip")];
    let table = ada.send("GET", "/v1/platforms", &gzip, Body::empty()).await;
    assert_eq!(table.header("content-encoding"), "gzip");
    let content = format!("/v1/assets/{}/content", ada.asset().await);
    let file = ada.send("GET", &content, &gzip, Body::empty()).await;
    assert_eq!((file.header("content-encoding"), file.body.len()), ("", 1_000));
}

#[tokio::test]
async fn readiness_follows_the_system_and_liveness_does_not() {
    let app = TestApp::new().await;
    let nobody = app.nobody();
    assert_eq!(nobody.get("/readyz").await.expect(200), json!({"status": "ok"}));
    app.system.goes_down();
    let problem = nobody.get("/readyz").await.expect(503);
    assert!(!problem.to_string().contains("no route to host"), "{problem}");
    nobody.get("/healthz").await.expect(200);
}
