use std::sync::Arc;
use std::time::Duration;

use adstead_domain::AdCopy;
use adstead_domain::port::{CopyRequest, CopyWriter, PortError, PortErrorKind, RewriteRequest, Written};
use async_trait::async_trait;
use serde_json::json;

use crate::app::{Setup, TestApp};
use crate::client::brief;

/// Providers that all fail in the same way.
struct FailingWriter(PortErrorKind);

#[derive(Debug)]
struct Said(&'static str);

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Said {}

#[async_trait]
impl CopyWriter for FailingWriter {
    async fn write(&self, _: &CopyRequest) -> Result<Written<Vec<AdCopy>>, PortError> {
        let said = Said("main answered prose instead of JSON; offline is switched off");
        Err(PortError::new(self.0, "copy_writer.write")
            .with_source(said)
            .with_retry_after(Duration::from_millis(1_500)))
    }

    async fn rewrite(&self, _: &RewriteRequest) -> Result<Written<Vec<String>>, PortError> {
        Err(PortError::new(self.0, "copy_writer.rewrite"))
    }
}

#[tokio::test]
async fn a_writer_that_fails_is_named_with_its_reason() {
    let cases = [
        (PortErrorKind::Rejected, 502),
        (PortErrorKind::Corrupt, 502),
        (PortErrorKind::RateLimited, 503),
        (PortErrorKind::Unavailable, 503),
        (PortErrorKind::Timeout, 504),
    ];
    for (kind, status) in cases {
        let app = TestApp::with(Setup { writer: Arc::new(FailingWriter(kind)), ..Setup::default() }).await;
        let ada = app.admin().await;
        let reply = ada.post("/v1/generations", json!({"brief": brief()})).await;
        assert_eq!(reply.header("retry-after"), if status == 503 { "2" } else { "" }, "{kind:?}");
        let problem = reply.expect(status);
        assert_eq!(
            problem["detail"],
            "no provider wrote the copy: main answered prose instead of JSON; offline is switched off"
        );
    }
}

#[tokio::test]
async fn a_problem_has_the_members_of_rfc_9457() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let reply = ada.get("/v1/campaigns/00000000-0000-7000-8000-000000000000").await;
    assert_eq!(reply.header("content-type"), "application/problem+json");
    let id = reply.header("x-request-id").to_owned();
    let problem = reply.expect(404);
    assert_eq!(problem["instance"], json!(id));
    insta::assert_json_snapshot!("not_found", problem);
    let problem = ada.get("/v1/campaigns/seven").await.expect(404);
    assert_eq!(problem["detail"], "campaign id \"seven\" is not a UUID");
}

#[tokio::test]
async fn what_the_router_refuses_is_a_problem_too() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    for path in ["/", "/v1", "/v1/campaigns/", "/v2/campaigns", "/v1/nothing"] {
        let reply = ada.get(path).await;
        assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
        assert_eq!(reply.expect(404)["type"], "urn:adstead:problem:not-found");
    }
    let reply = ada.delete("/v1/campaigns").await;
    assert_eq!(reply.header("allow"), "POST,GET,HEAD");
    insta::assert_json_snapshot!("method_not_allowed", reply.expect(405));
    let reply = ada.get("/v1/campaigns?status=%FF").await;
    assert_eq!(reply.header("content-type"), "application/problem+json");
}
