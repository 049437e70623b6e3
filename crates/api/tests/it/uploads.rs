use std::collections::BTreeSet;

use adstead_domain::port::FileStore;
use adstead_testkit::contract::files::png;
use axum::body::Body;
use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::app::{Setup, TestApp};
use crate::client::{Client, id};

fn planned(size: usize) -> Value {
    json!({"name": "hero.png", "content_type": "image/png", "size_bytes": size})
}

async fn begin(client: &Client, size: usize) -> (String, String) {
    let upload = client.post("/v1/uploads", planned(size)).await.expect(201);
    let request = &upload["request"];
    assert_eq!(
        (&request["method"], &request["headers"]),
        (&json!("PUT"), &json!({"content-type": "image/png"}))
    );
    (id(&upload), request["url"].as_str().unwrap().to_owned())
}

const AS_PNG: [(&str, &str); 1] = [("content-type", "image/png")];

async fn nothing_is_kept(files: &dyn FileStore) -> bool {
    files.list(None, None, 10).await.unwrap().files.is_empty()
}

#[tokio::test]
async fn a_file_that_is_stored_past_the_api_becomes_an_asset_once_it_is_looked_at() {
    let app = TestApp::new().await;
    let (ada, nobody) = (app.admin().await, app.nobody());
    let image = png(640, 480, 1_000);
    let (upload, url) = begin(&ada, 1_000).await;
    ada.post(&format!("/v1/uploads/{upload}/complete"), json!({})).await.expect(404);
    assert_eq!(nobody.send("PUT", &url, &AS_PNG, image.clone()).await.status, 204);
    assert_eq!(ada.get("/v1/assets").await.expect(200)["items"], json!([]), "it is in quarantine");
    let path = format!("/v1/uploads/{upload}/complete");
    let asset = ada.send("POST", &path, &[], Body::empty()).await.expect(201);
    assert_eq!(
        (&asset["name"], &asset["width"], &asset["size_bytes"]),
        (&json!("hero.png"), &json!(640), &json!(1_000))
    );
    assert_eq!(ada.get(&format!("/v1/assets/{}/content", id(&asset))).await.body, image);
    ada.send("POST", &path, &[], Body::empty()).await.expect(404);
    assert_eq!(ada.get(&format!("/v1/assets/{}/content", id(&asset))).await.body, image, "it stays as it is");
}

#[tokio::test]
async fn of_many_completions_at_once_all_answer_the_one_asset_and_its_file_stays() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let image = png(640, 480, 1_000);
    let (upload, url) = begin(&ada, 1_000).await;
    ada.send("PUT", &url, &AS_PNG, image.clone()).await;
    let path = format!("/v1/uploads/{upload}/complete");
    let replies = join_all((0..8).map(|_| ada.send("POST", &path, &[], Body::empty()))).await;
    let assets: Vec<_> = replies.into_iter().filter(|reply| reply.status.is_success()).collect();
    let ids: BTreeSet<_> =
        assets.into_iter().map(|reply| id(&serde_json::from_slice(&reply.body).unwrap())).collect();
    let [asset] = &*ids.into_iter().collect::<Vec<_>>() else { panic!("one asset is made") };
    assert_eq!(ada.get(&format!("/v1/assets/{asset}/content")).await.body, image);
    assert_eq!(ada.get("/v1/assets").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn another_file_that_is_stored_after_the_look_changes_no_asset() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let image = png(640, 480, 1_000);
    let (upload, url) = begin(&ada, 1_000).await;
    ada.send("PUT", &url, &AS_PNG, image.clone()).await;
    let path = format!("/v1/uploads/{upload}/complete");
    let asset = id(&ada.send("POST", &path, &[], Body::empty()).await.expect(201));
    assert_eq!(ada.send("PUT", &url, &AS_PNG, vec![b'x'; 1_000]).await.status, 204);
    ada.send("POST", &path, &[], Body::empty()).await.expect(415);
    assert_eq!(ada.get(&format!("/v1/assets/{asset}/content")).await.body, image);
}

#[tokio::test]
async fn a_file_that_is_not_what_was_said_is_removed_and_the_answer_says_why() {
    let setup = Setup::default();
    let files = setup.files.clone();
    let app = TestApp::with(setup).await;
    let ada = app.admin().await;
    let text = vec![b'x'; 1_000];
    let (upload, url) = begin(&ada, 1_000).await;
    assert_eq!(ada.send("PUT", &url, &AS_PNG, text).await.status, 204);
    let path = format!("/v1/uploads/{upload}/complete");
    let problem = ada.send("POST", &path, &[], Body::empty()).await.expect(415);
    assert_eq!(
        problem["detail"],
        "the file is declared as image/png, but its content is text: send it under its true type"
    );
    assert!(nothing_is_kept(&*files).await);
    ada.send("POST", &path, &[], Body::empty()).await.expect(404);
}

#[tokio::test]
async fn a_signed_address_stores_only_what_was_agreed_on() {
    let setup = Setup::default();
    let files = setup.files.clone();
    let app = TestApp::with(setup).await;
    let (ada, nobody) = (app.admin().await, app.nobody());
    let image = png(640, 480, 1_000);
    let (_, url) = begin(&ada, 1_000).await;
    nobody.send("PUT", &url, &[("content-type", "text/html")], image.clone()).await.expect(415);
    for other in [png(640, 480, 999), png(640, 480, 1_001)] {
        nobody.send("PUT", &url, &AS_PNG, other).await.expect(422);
    }
    nobody.send("GET", &url, &[], Body::empty()).await.expect(403);
    let forged = format!("{}A", url.strip_suffix(|_: char| true).unwrap());
    nobody.send("PUT", &forged, &AS_PNG, image.clone()).await.expect(403);
    app.clock.advance(SignedDuration::from_secs(600));
    let problem = nobody.send("PUT", &url, &AS_PNG, image).await.expect(403);
    assert_eq!(problem["detail"], "the address has expired: ask for a new one");
    assert!(nothing_is_kept(&*files).await);
}

#[tokio::test]
async fn an_upload_is_of_its_account_and_can_be_given_up() {
    let setup = Setup::default();
    let files = setup.files.clone();
    let app = TestApp::with(setup).await;
    let (ada, eve) = (app.admin().await, app.stranger().await);
    let (upload, url) = begin(&ada, 1_000).await;
    ada.send("PUT", &url, &AS_PNG, png(640, 480, 1_000)).await;
    eve.send("POST", &format!("/v1/uploads/{upload}/complete"), &[], Body::empty()).await.expect(404);
    eve.delete(&format!("/v1/uploads/{upload}")).await.expect(404);
    assert!(!nothing_is_kept(&*files).await);
    ada.delete(&format!("/v1/uploads/{upload}")).await.expect(204);
    assert!(nothing_is_kept(&*files).await);
    ada.delete("/v1/uploads/nonsense").await.expect(404);
}

#[tokio::test]
async fn what_is_not_welcome_is_refused_before_it_is_sent() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    ada.post("/v1/uploads", planned(50_001)).await.expect(413);
    ada.post("/v1/uploads", planned(0)).await.expect(422);
    let gif = json!({"name": "a.gif", "content_type": "image/gif", "size_bytes": 10});
    ada.post("/v1/uploads", gif).await.expect(415);
    let problem =
        ada.post("/v1/uploads", json!({"name": "../a", "content_type": "text/html"})).await.expect(422);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "all faults at once: {problem}");
}

#[tokio::test]
async fn a_content_is_kept_once_in_an_account() {
    let app = TestApp::new().await;
    let (ada, eve) = (app.admin().await, app.stranger().await);
    let image = png(640, 480, 1_000);
    let upload = async |client: &Client, name| {
        client.send("POST", &format!("/v1/assets?name={name}"), &AS_PNG, image.clone()).await
    };
    let first = upload(&ada, "a.png").await.expect(201);
    let again = upload(&ada, "b.png").await;
    assert_eq!(again.header("location"), format!("/v1/assets/{}", id(&first)));
    assert_eq!(again.expect(200), first, "the asset that the account had, under the name that it had");
    assert_ne!(id(&upload(&eve, "a.png").await.expect(201)), id(&first));
    assert_eq!(ada.get("/v1/assets").await.expect(200)["items"].as_array().unwrap().len(), 1);

    let (direct, url) = begin(&ada, 1_000).await;
    ada.send("PUT", &url, &AS_PNG, image.clone()).await;
    let path = format!("/v1/uploads/{direct}/complete");
    assert_eq!(ada.send("POST", &path, &[], Body::empty()).await.expect(200), first);
    ada.delete(&format!("/v1/assets/{}", id(&first))).await.expect(204);
    upload(&ada, "b.png").await.expect(201);
}

#[tokio::test]
async fn a_link_shows_the_content_to_anybody_for_its_time() {
    let app = TestApp::new().await;
    let (ada, nobody) = (app.admin().await, app.nobody());
    let image = png(640, 480, 1_000);
    let asset = ada.send("POST", "/v1/assets?name=hero.png", &AS_PNG, image.clone()).await.expect(201);
    let links = format!("/v1/assets/{}/links", id(&asset));
    let link = ada.post(&links, json!({"expires_in_seconds": 60})).await.expect(201);
    let url = link["url"].as_str().unwrap();
    let reply = nobody.get(url).await;
    assert_eq!((reply.status.as_u16(), &reply.body), (200, &image));
    assert_eq!(reply.header("content-type"), "image/png");
    assert_eq!(
        reply.header("content-disposition"),
        "inline; filename=\"hero.png\"; filename*=UTF-8''hero.png"
    );
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("content-security-policy"), "default-src 'none'; sandbox");
    let known = [("if-none-match", reply.header("etag"))];
    assert_eq!(nobody.send("GET", url, &known, Body::empty()).await.status, 304);
    let part = nobody.send("GET", url, &[("range", "bytes=10-19")], Body::empty()).await;
    assert_eq!((part.status.as_u16(), part.body), (206, image.slice(10..20)));
    nobody.send("PUT", url, &AS_PNG, image).await.expect(403);
    nobody.get(&format!("{url}?zz=1")).await.expect(400);
    app.clock.advance(SignedDuration::from_secs(60));
    nobody.get(url).await.expect(403);

    for seconds in [0, 604_801] {
        ada.post(&links, json!({"expires_in_seconds": seconds})).await.expect(422);
    }
    app.stranger().await.post(&links, json!({})).await.expect(404);
}
