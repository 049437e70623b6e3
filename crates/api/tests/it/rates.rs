use std::num::NonZeroU32;

use adstead_api::ApiLimits;
use adstead_domain::RateLimit;
use jiff::ToSpan;
use serde_json::json;

use crate::app::{Setup, TestApp};
use crate::client::brief;

fn per_minute(calls: u32) -> Option<RateLimit> {
    NonZeroU32::new(calls).map(RateLimit::per_minute)
}

async fn limited(requests: u32, generations: u32) -> TestApp {
    let limits = ApiLimits {
        requests: per_minute(requests),
        generations: per_minute(generations),
        ..ApiLimits::default()
    };
    TestApp::with(Setup { limits, ..Setup::default() }).await
}

#[tokio::test]
async fn an_account_is_told_what_is_left_and_held_to_its_rate() {
    let app = limited(3, 0).await;
    let ada = app.admin().await;
    for left in ["2", "1", "0"] {
        let reply = ada.get("/v1/me").await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("ratelimit-policy"), "\"requests\";q=3;w=60");
        assert!(reply.header("ratelimit").starts_with(&format!("\"requests\";r={left};t=")), "{reply:?}");
    }
    let reply = ada.get("/v1/me").await;
    assert_eq!((reply.header("retry-after"), reply.header("ratelimit")), ("20", "\"requests\";r=0;t=60"));
    let problem = reply.expect(429);
    assert_eq!(problem["type"], "urn:adstead:problem:rate-limited");
    let detail = "the account has made all of the 3 requests that it may make in 60 s: send the next after Retry-After";
    assert_eq!(problem["detail"], detail);

    app.clock.advance(20.seconds().try_into().unwrap());
    ada.get("/v1/me").await.expect(200);
    ada.get("/v1/me").await.expect(429);
    app.nobody().get("/healthz").await.expect(200);
    app.nobody().get("/v1/me").await.expect(401);
}

#[tokio::test]
async fn generations_have_a_rate_of_their_own_which_repeated_calls_do_not_touch() {
    let app = limited(100, 1).await;
    let ada = app.admin().await;
    let body = json!({ "brief": brief() }).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", "once")];
    let reply = ada.send("POST", "/v1/generations", &headers, body.clone()).await;
    assert_eq!(reply.status, 201);
    let policies: Vec<_> = reply.headers.get_all("ratelimit-policy").iter().collect();
    assert_eq!(policies, ["\"generations\";q=1;w=60", "\"requests\";q=100;w=60"]);
    ada.post("/v1/generations", json!({ "brief": brief() })).await.expect(429);
    ada.send("POST", "/v1/generations", &headers, body).await.expect(201);
    ada.get("/v1/me").await.expect(200);
}
