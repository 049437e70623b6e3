//! Somebody who uses the API.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Somebody with a key, or without.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    pub(crate) key: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status.as_u16(), status, "{text}");
        if self.body.is_empty() { Value::Null } else { serde_json::from_slice(&self.body).unwrap() }
    }

    /// The faults of a refused input, as `pointer: message`.
    #[track_caller]
    pub(crate) fn faults(self) -> Vec<String> {
        let problem = self.expect(422);
        let text = |fault: &Value| {
            format!("{}: {}", fault["pointer"].as_str().unwrap(), fault["message"].as_str().unwrap())
        };
        problem["errors"].as_array().expect("a list of faults").iter().map(text).collect()
    }

    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Client {
    pub(crate) fn new(router: Router, key: Option<String>) -> Self {
        Self { router, key }
    }

    /// The same person with another key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], Body::empty()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send("PATCH", path, &[("content-type", "application/json")], body.to_string()).await
    }

    /// Takes a step, such as `/campaigns/…/activate`.
    pub(crate) async fn step(&self, path: &str) -> Reply {
        self.send("POST", path, &[], Body::empty()).await
    }

    /// The id of a new campaign on Google.
    pub(crate) async fn campaign(&self) -> String {
        id(&self.post("/v1/campaigns", new_campaign()).await.expect(201))
    }

    /// The id of a new group in the campaign.
    pub(crate) async fn ad_group(&self, campaign: &str) -> String {
        let path = format!("/v1/campaigns/{campaign}/ad-groups");
        id(&self.post(&path, json!({"name": "Returning customers"})).await.expect(201))
    }

    /// The id of a new ad, in a campaign and a group of its own.
    pub(crate) async fn ad(&self) -> String {
        let group = self.ad_group(&self.campaign().await).await;
        id(&self.post(&format!("/v1/ad-groups/{group}/ads"), new_ad()).await.expect(201))
    }

    /// The id of an ad that is being shown, in an active campaign.
    pub(crate) async fn active_ad(&self) -> String {
        let ad = self.ad().await;
        let campaign = self.get(&format!("/v1/ads/{ad}")).await.expect(200)["campaign_id"].clone();
        self.step(&format!("/v1/campaigns/{}/activate", campaign.as_str().unwrap())).await.expect(200);
        for step in ["submit", "approve", "activate"] {
            self.step(&format!("/v1/ads/{ad}/{step}")).await.expect(200);
        }
        ad
    }

    /// The id of an uploaded image.
    pub(crate) async fn asset(&self) -> String {
        let image = adstead_testkit::contract::files::png(640, 480, 1_000);
        id(&self.send("POST", "/v1/assets?name=hero.png", &[], image).await.expect(201))
    }

    /// The id of generated copy.
    pub(crate) async fn generation(&self) -> String {
        id(&self.post("/v1/generations", json!({"brief": brief()})).await.expect(201))
    }

    /// The id of an analysis of the ad.
    pub(crate) async fn optimization(&self, ad: &str) -> String {
        id(&self.step(&format!("/v1/ads/{ad}/optimizations")).await.expect(201))
    }
}

/// The id of what was answered.
pub(crate) fn id(answer: &Value) -> String {
    answer["id"].as_str().expect("an id").to_owned()
}

pub(crate) fn new_campaign() -> Value {
    json!({
        "name": "Spring sale",
        "objective": "sales",
        "platform": "google",
        "budget": {"currency": "USD", "amount_micros": 500_000_000, "daily_limit_micros": 50_000_000},
    })
}

pub(crate) fn new_ad() -> Value {
    json!({
        "name": "First try",
        "type": "text",
        "headlines": ["Shoes that last", "Free returns for 60 days", "Made in Portugal"],
        "descriptions": ["Hand-stitched leather shoes.", "They fit, or we take them back."],
        "call_to_action": "Shop now",
        "final_url": "https://example.com/spring",
    })
}

pub(crate) fn brief() -> Value {
    json!({
        "product": "Hand-stitched shoes",
        "language": "en",
        "platform": "google",
        "ad_type": "text",
        "variants": 3,
    })
}

/// An impression that cost 2,000 micros; each number is an event of its own.
pub(crate) fn event(number: u32, ad: &str) -> Value {
    json!({
        "id": format!("00000000-0000-7000-8000-{number:012}"),
        "kind": "impression",
        "ad_id": ad,
        "occurred_at": "2026-03-02T08:30:00Z",
        "cost_micros": 2_000,
        "device": "mobile",
    })
}
