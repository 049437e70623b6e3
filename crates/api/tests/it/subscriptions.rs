use adstead_domain::Role;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::id;

fn by_mail() -> Value {
    json!({"events": ["ad.rejected", "budget.*"], "channel": "email", "email": "ada@example.com"})
}

fn webhook() -> Value {
    json!({"events": ["*"], "channel": "webhook", "url": "https://example.com/hooks/secret"})
}

#[tokio::test]
async fn a_subscription_is_made_changed_and_ended() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let made = ada.post("/v1/subscriptions", by_mail()).await.expect(201);
    assert_eq!(
        (&made["cadence"], &made["time_zone"]),
        (&json!("at_once"), &json!(app.account.time_zone.name()))
    );
    assert_eq!(
        (&made["email"], &made["url"], &made["secret"]),
        (&json!("ada@example.com"), &Value::Null, &Value::Null)
    );
    let path = format!("/v1/subscriptions/{}", id(&made));
    assert_eq!(ada.get("/v1/subscriptions").await.expect(200)["items"], json!([made]));
    let edit = json!({"cadence": "daily", "quiet_hours": {"from": "22:00", "to": "07:00"}, "time_zone": "Asia/Tokyo"});
    let edited = ada
        .send(
            "PATCH",
            &path,
            &[("if-match", "\"1\""), ("content-type", "application/json")],
            edit.to_string(),
        )
        .await
        .expect(200);
    assert_eq!((&edited["cadence"], &edited["version"]), (&json!("daily"), &json!(2)));
    assert_eq!(edited["quiet_hours"], json!({"from": "22:00", "to": "07:00"}));
    let stale =
        ada.send("PATCH", &path, &[("if-match", "\"1\""), ("content-type", "application/json")], "{}").await;
    assert_eq!(stale.status, 412);
    let paused = ada.step(&format!("{path}/pause")).await.expect(200);
    assert_eq!(paused["suspended"]["reason"], "paused");
    ada.step(&format!("{path}/test")).await.expect(409);
    assert_eq!(ada.step(&format!("{path}/resume")).await.expect(200)["suspended"], Value::Null);
    assert!(ada.step(&format!("{path}/test")).await.expect(202)["event_id"].is_string());
    assert_eq!(ada.send("DELETE", &path, &[], "").await.status, 204);
    ada.get(&path).await.expect(404);
}

#[tokio::test]
async fn the_secret_of_a_webhook_is_shown_when_it_is_made_or_changed_and_its_path_never() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let made = ada.post("/v1/subscriptions", webhook()).await.expect(201);
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert_eq!(made["url"], "https://example.com/…");
    let path = format!("/v1/subscriptions/{}", id(&made));
    assert_eq!(ada.get(&path).await.expect(200)["secret"], Value::Null);
    let rotated = ada.step(&format!("{path}/rotate-secret")).await.expect(200);
    assert!(rotated["secret"].as_str().is_some_and(|new| new != secret), "{rotated}");
    assert_eq!(ada.get(&path).await.expect(200)["secret"], Value::Null);
}

#[tokio::test]
async fn each_has_their_own_and_an_admin_those_of_the_account() {
    let app = TestApp::new().await;
    let (ada, editor, eve) = (app.admin().await, app.colleague(Role::Editor).await, app.stranger().await);
    let made = editor.post("/v1/subscriptions", webhook()).await.expect(201);
    ada.post("/v1/subscriptions", by_mail()).await.expect(201);
    let path = format!("/v1/subscriptions/{}", id(&made));
    let count = async |client: &crate::client::Client| {
        client.get("/v1/subscriptions").await.expect(200)["items"].as_array().unwrap().len()
    };
    assert_eq!((count(&ada).await, count(&editor).await, count(&eve).await), (2, 1, 0));
    ada.get(&path).await.expect(200);
    for (method, path) in
        [("GET", path.clone()), ("DELETE", path.clone()), ("POST", format!("{path}/rotate-secret"))]
    {
        assert_eq!(eve.send(method, &path, &[], "").await.status, 404, "{method} {path}");
    }
    let viewer = app.colleague(Role::Viewer).await;
    viewer.post("/v1/subscriptions", webhook()).await.expect(403);
    let own = json!({"events": ["*"], "channel": "email", "email": "viewer@example.com"});
    viewer.post("/v1/subscriptions", own).await.expect(201);
}

#[tokio::test]
async fn a_subscription_that_makes_no_sense_is_refused_with_every_fault() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let faults = async |input: Value| ada.post("/v1/subscriptions", input).await.faults();
    let all = faults(json!({
        "events": ["ad.rejected", "ad.aproved"], "channel": "slack", "email": "ada@example.com", "cadence": "weekly",
        "quiet_hours": {"from": "25:00", "to": "07:00"}, "time_zone": "Mars", "color": "red",
    }))
    .await;
    let pointers: Vec<_> = all.iter().map(|fault| fault.split(':').next().unwrap()).collect();
    assert_eq!(
        pointers,
        ["/color", "/events/1", "/cadence", "/quiet_hours/from", "/time_zone", "/email", "/url"],
        "{all:#?}"
    );
    assert!(all[1].contains("\"ad.aproved\" names no event: use one of campaign.created"), "{}", all[1]);
    for (url, why) in [
        ("https://forbidden.example/x", "nothing goes to forbidden.example"),
        ("https://me:pw@example.com/", "holds a name or password"),
        ("ftp://example.com/", "is not the address of a webhook"),
        ("javascript:alert(1)", "is not the address of a webhook"),
    ] {
        let fault = faults(json!({"events": ["*"], "channel": "webhook", "url": url})).await.join("; ");
        assert!(fault.starts_with("/url: ") && fault.contains(why), "{url}: {fault}");
    }
    let digest =
        json!({"events": ["*"], "channel": "webhook", "url": "https://example.com/", "cadence": "daily"});
    assert!(faults(digest).await[0].starts_with("/cadence: a webhook is told at once"));
    let theirs = json!({"events": ["*"], "channel": "email", "email": "eve@example.com"});
    assert!(
        faults(theirs).await[0]
            .starts_with("/email: eve@example.com is not the address that you are known by")
    );
    assert!(
        faults(json!({"events": [], "channel": "email", "email": "ada@example.com"})).await[0]
            .starts_with("/events")
    );
}
