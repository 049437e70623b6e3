use adstead_domain::Role;
use axum::body::Body;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::{Client, id, new_ad};

/// Every route that names a thing by its id, with a body that would be accepted.
async fn routes_of(owner: &Client) -> Vec<(&'static str, String, Value)> {
    let ad = owner.ad().await;
    let whole = owner.get(&format!("/v1/ads/{ad}")).await.expect(200);
    let (campaign, group) = (whole["campaign_id"].as_str().unwrap(), whole["ad_group_id"].as_str().unwrap());
    let (asset, generation) = (owner.asset().await, owner.generation().await);
    let planned = json!({"name": "hero.png", "content_type": "image/png", "size_bytes": 1_000});
    let upload = id(&owner.post("/v1/uploads", planned).await.expect(201));
    let run = owner.optimization(&ad).await;
    let adoption = json!({"ad_group_id": group, "variants": [0], "final_url": "https://example.com"});
    let mut routes = vec![
        ("GET", format!("/v1/campaigns/{campaign}"), Value::Null),
        ("PATCH", format!("/v1/campaigns/{campaign}"), json!({"name": "Mine now"})),
        ("GET", format!("/v1/campaigns/{campaign}/ad-groups"), Value::Null),
        ("POST", format!("/v1/campaigns/{campaign}/ad-groups"), json!({"name": "Mine now"})),
        ("GET", format!("/v1/ad-groups/{group}"), Value::Null),
        ("PATCH", format!("/v1/ad-groups/{group}"), json!({"name": "Mine now"})),
        ("POST", format!("/v1/ad-groups/{group}/ads"), new_ad()),
        ("GET", format!("/v1/ads/{ad}"), Value::Null),
        ("PATCH", format!("/v1/ads/{ad}"), json!({"name": "Mine now"})),
        ("POST", format!("/v1/ads/{ad}/approve"), json!({})),
        ("POST", format!("/v1/ads/{ad}/reject"), json!({"reason": "mine now"})),
        ("GET", format!("/v1/ads/{ad}/optimizations"), Value::Null),
        ("POST", format!("/v1/ads/{ad}/optimizations"), Value::Null),
        ("GET", format!("/v1/ads/{ad}/prediction"), Value::Null),
        ("POST", format!("/v1/ads/{ad}/inspections"), json!({"language": "en"})),
        ("POST", format!("/v1/optimizations/{run}/apply"), Value::Null),
        ("GET", format!("/v1/generations/{generation}"), Value::Null),
        ("POST", format!("/v1/generations/{generation}/ads"), adoption),
        ("GET", format!("/v1/assets/{asset}"), Value::Null),
        ("GET", format!("/v1/assets/{asset}/content"), Value::Null),
        ("POST", format!("/v1/assets/{asset}/links"), Value::Null),
        ("GET", format!("/v1/assets/{asset}/renditions"), Value::Null),
        ("GET", format!("/v1/assets/{asset}/renditions/thumbnail"), Value::Null),
        ("DELETE", format!("/v1/assets/{asset}"), Value::Null),
        ("POST", format!("/v1/uploads/{upload}/complete"), Value::Null),
        ("DELETE", format!("/v1/uploads/{upload}"), Value::Null),
    ];
    let wanted = json!({"events": ["*"], "channel": "webhook", "url": "https://example.com/hook"});
    let subscription =
        format!("/v1/subscriptions/{}", id(&owner.post("/v1/subscriptions", wanted).await.expect(201)));
    routes.extend([
        ("GET", subscription.clone(), Value::Null),
        ("PATCH", subscription.clone(), json!({"events": ["ad.*"]})),
    ]);
    let steps = ["pause", "resume", "test", "rotate-secret"];
    routes.extend(steps.map(|step| ("POST", format!("{subscription}/{step}"), Value::Null)));
    routes.push(("DELETE", subscription, Value::Null));
    let steps = ["activate", "pause", "complete", "archive"];
    routes.extend(steps.map(|step| ("POST", format!("/v1/campaigns/{campaign}/{step}"), Value::Null)));
    let steps = ["submit", "revise", "activate", "pause", "archive"];
    routes.extend(steps.map(|step| ("POST", format!("/v1/ads/{ad}/{step}"), Value::Null)));
    routes
}

async fn call(client: &Client, method: &str, path: &str, body: &Value) -> crate::client::Reply {
    if body.is_null() {
        return client.send(method, path, &[], Body::empty()).await;
    }
    client.send(method, path, &[("content-type", "application/json")], body.to_string()).await
}

#[tokio::test]
async fn what_belongs_to_another_account_is_not_found_on_any_route() {
    let app = TestApp::new().await;
    let (ada, eve) = (app.admin().await, app.stranger().await);
    let routes = routes_of(&ada).await;
    let documented = adstead_api::openapi();
    let paths = documented.paths.paths.iter().filter(|(path, _)| path.contains("{id}"));
    let operations: usize = paths
        .map(|(_, item)| [&item.get, &item.post, &item.patch, &item.delete].into_iter().flatten().count())
        .sum();
    assert_eq!(routes.len(), operations, "a route is missing here");
    for (method, path, body) in &routes {
        let problem = call(&eve, method, path, body).await.expect(404);
        assert_eq!(problem["type"], "urn:adstead:problem:not-found", "{method} {path}");
    }
    for list in ["/v1/campaigns", "/v1/ads", "/v1/assets", "/v1/subscriptions"] {
        assert_eq!(eve.get(list).await.expect(200)["items"], json!([]), "{list}");
    }
    assert_eq!(ada.get(&routes[7].1).await.expect(200)["name"], "First try");
}

#[tokio::test]
async fn ids_of_another_account_inside_a_body_are_unknown_too() {
    let app = TestApp::new().await;
    let (ada, eve) = (app.admin().await, app.stranger().await);
    let (foreign_ad, foreign_asset) = (ada.active_ad().await, ada.asset().await);
    let foreign_group = ada.get(&format!("/v1/ads/{foreign_ad}")).await.expect(200)["ad_group_id"].clone();

    let sent = json!({"events": [crate::client::event(1, &foreign_ad)]});
    let recorded = eve.post("/v1/events", sent).await.expect(200);
    assert_eq!(recorded["accepted"], 0);
    let group = eve.ad_group(&eve.campaign().await).await;
    let mut ad = new_ad();
    ad["asset_ids"] = json!([foreign_asset]);
    eve.post(&format!("/v1/ad-groups/{group}/ads"), ad).await.expect(422);
    let adoption = json!({"ad_group_id": foreign_group, "variants": [0], "final_url": "https://example.com"});
    eve.post(&format!("/v1/generations/{}/ads", eve.generation().await), adoption).await.expect(404);
    let ads = eve.get(&format!("/v1/ads?ad_group_id={}", foreign_group.as_str().unwrap())).await.expect(200);
    assert_eq!(ads["items"], json!([]));
}

#[tokio::test]
async fn no_route_is_open_without_a_key() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let nobody = app.nobody();
    let mut routes = routes_of(&ada).await;
    let others = [
        ("GET", "/v1/campaigns"),
        ("POST", "/v1/campaigns"),
        ("GET", "/v1/ads"),
        ("POST", "/v1/generations"),
        ("GET", "/v1/assets"),
        ("POST", "/v1/assets"),
        ("POST", "/v1/uploads"),
        ("POST", "/v1/events"),
        ("GET", "/v1/reports/performance"),
        ("GET", "/v1/reports/funnel"),
        ("GET", "/v1/reports/budgets"),
        ("GET", "/v1/reports/summary"),
        ("GET", "/v1/platforms"),
        ("GET", "/v1/me"),
        ("GET", "/v1/system/services"),
        ("GET", "/v1/system/status"),
    ];
    routes.extend(others.map(|(method, path)| (method, path.to_owned(), Value::Null)));
    for (method, path, body) in routes {
        let reply = call(&nobody, method, &path, &body).await;
        assert_eq!(reply.header("www-authenticate"), "Bearer", "{method} {path}");
        reply.expect(401);
    }
    for key in ["", "nonsense", &format!("adstead_{}", "0".repeat(64))] {
        nobody.with_key(key).get("/v1/me").await.expect(401);
    }
    let basic = [("authorization", "Basic YWRhOnNlY3JldA==")];
    nobody.send("GET", "/v1/me", &basic, Body::empty()).await.expect(401);
}

#[tokio::test]
async fn a_stranger_is_turned_away_before_the_body_is_read() {
    let app = TestApp::new().await;
    let untouched = Body::from_stream(futures::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<String, std::io::Error>>> { panic!("the body was read") },
    ));
    app.nobody().send("POST", "/v1/assets?name=a.png", &[], untouched).await.expect(401);
}

#[tokio::test]
async fn a_key_tells_whose_it_is() {
    let app = TestApp::new().await;
    let me = app.colleague(Role::Reviewer).await.get("/v1/me").await.expect(200);
    assert_eq!((&me["account_id"], &me["role"]), (&json!(app.account.id.to_string()), &json!("reviewer")));
}
