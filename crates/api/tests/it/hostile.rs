//! Files and names that would harm somebody, on each way by which they can come.

use adstead_domain::port::FileStore;
use adstead_testkit::corpus::{HOSTILE_NAMES, HostileFile, PLAIN_NAMES, hostile_files, sound_files};
use axum::body::Body;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use crate::app::{Setup, TestApp};
use crate::assets::form;
use crate::client::{Client, Reply, id};

fn refused(reply: &Reply, name: &str, expected: &str) {
    assert!(reply.status.is_client_error(), "{name}: {}", reply.status);
    let problem: Value = serde_json::from_slice(&reply.body).unwrap();
    let told = problem.to_string();
    assert!(told.contains(expected) || told.contains("is not allowed here"), "{name}: {told}");
}

async fn nothing_is_there(ada: &Client, files: &dyn FileStore) {
    assert_eq!(ada.get("/v1/assets").await.expect(200)["items"], json!([]));
    assert_eq!(files.list(None, None, 10).await.unwrap().files, []);
}

#[tokio::test]
async fn a_hostile_file_is_refused_as_a_body_and_in_a_form() {
    let setup = Setup::default();
    let files = setup.files.clone();
    let app = TestApp::with(setup).await;
    let ada = app.admin().await;
    for HostileFile { name, declared, content, refusal } in hostile_files() {
        let declared = declared.map_or("application/octet-stream", |declared| declared.as_str());
        let headers = [("content-type", declared)];
        let reply = ada.send("POST", "/v1/assets?name=hero.png", &headers, content.clone()).await;
        refused(&reply, &name, refusal);
        let (content_type, body) = form(&[("hero.png", declared, &content)]);
        let reply = ada.send("POST", "/v1/assets", &[("content-type", &content_type)], body).await;
        refused(&reply, &name, refusal);
    }
    nothing_is_there(&ada, &*files).await;
}

#[tokio::test]
async fn a_hostile_file_that_was_stored_past_the_api_is_removed_once_it_is_looked_at() {
    let setup = Setup::default();
    let files = setup.files.clone();
    let app = TestApp::with(setup).await;
    let ada = app.admin().await;
    for HostileFile { name, declared, content, refusal } in hostile_files() {
        let content_type = declared.map_or("image/png", |declared| declared.as_str());
        let planned = json!({"name": "hero.png", "content_type": content_type, "size_bytes": content.len()});
        let upload = ada.post("/v1/uploads", planned).await;
        if upload.status.is_client_error() {
            refused(&upload, &name, "is not allowed here");
            continue;
        }
        let upload = upload.expect(201);
        let url = upload["request"]["url"].as_str().unwrap();
        assert_eq!(
            ada.send("PUT", url, &[("content-type", content_type)], content).await.status,
            204,
            "{name}"
        );
        let path = format!("/v1/uploads/{}/complete", id(&upload));
        let reply = ada.send("POST", &path, &[], Body::empty()).await;
        // Here all of them are declared as something, which changes what is said first of those that are not.
        let expected = if declared.is_none() { "the" } else { refusal };
        refused(&reply, &name, expected);
    }
    nothing_is_there(&ada, &*files).await;
}

#[tokio::test]
async fn a_hostile_name_is_refused_and_in_a_form_made_harmless() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let picture = sound_files().swap_remove(0);
    let headers = [("content-type", picture.content_type.as_str())];
    for (name, expected) in HOSTILE_NAMES {
        let path = asset_path(name);
        refused(&ada.send("POST", &path, &headers, picture.content.clone()).await, name, expected);
        let planned = json!({"name": name, "content_type": "image/png", "size_bytes": 100});
        let upload = ada.post("/v1/uploads", planned).await;
        refused(&upload, name, expected);
    }
    for (name, kept) in [("C:\\\\fakepath\\\\hero.png", "hero.png"), ("../nul.png", "_nul.png")] {
        let (content_type, body) = form(&[(name, "image/png", &picture.content)]);
        let reply = ada.send("POST", "/v1/assets", &[("content-type", &content_type)], body).await;
        let asset = reply.expect(201);
        assert_eq!(asset["name"], kept);
        ada.delete(&format!("/v1/assets/{}", id(&asset))).await.expect(204);
    }
}

fn asset_path(name: &str) -> String {
    format!("/v1/assets?name={}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

#[tokio::test]
async fn a_strange_but_plain_name_comes_back_as_it_was_given_and_cannot_leave_its_header() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let picture = sound_files().swap_remove(0);
    let headers = [("content-type", picture.content_type.as_str())];
    for name in PLAIN_NAMES {
        let asset = ada.send("POST", &asset_path(name), &headers, picture.content.clone()).await.expect(201);
        assert_eq!(asset["name"], *name);
        let reply = ada.get(&format!("/v1/assets/{}/content", id(&asset))).await;
        let disposition = reply.header("content-disposition");
        let encoded = disposition.split("filename*=UTF-8''").nth(1).unwrap();
        let decoded = percent_decode_str(encoded).decode_utf8().unwrap();
        assert_eq!(decoded, *name, "{disposition}");
        ada.delete(&format!("/v1/assets/{}", id(&asset))).await.expect(204);
    }
}
