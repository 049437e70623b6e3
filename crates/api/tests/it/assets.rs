use std::sync::Arc;

use adstead_domain::PageRequest;
use adstead_testkit::contract::files::png;
use adstead_testkit::memory::MemoryFileStore;
use axum::body::Body;
use serde_json::json;

use crate::app::{Setup, TestApp};
use crate::client::{Client, id};

async fn uploaded(client: &Client) -> (String, bytes::Bytes) {
    let image = png(640, 480, 1_000);
    let path = "/v1/assets?name=Gr%C3%B6%C3%9Fe.png";
    let asset = client.send("POST", path, &[("content-type", "image/png")], image.clone()).await.expect(201);
    (format!("/v1/assets/{}/content", id(&asset)), image)
}

pub(crate) fn form(parts: &[(&str, &str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (file_name, content_type, content) in parts {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\nContent-Type: {content_type}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--edge--\r\n");
    ("multipart/form-data; boundary=edge".to_owned(), body)
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_sent() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let (path, image) = uploaded(&ada).await;
    let reply = ada.get(&path).await;
    assert_eq!((reply.status.as_u16(), &reply.body), (200, &image));
    assert_eq!(reply.header("content-type"), "image/png");
    assert_eq!(reply.header("content-length"), "1000");
    assert_eq!(reply.header("accept-ranges"), "bytes");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("content-security-policy"), "default-src 'none'; sandbox");
    let disposition = "inline; filename=\"Gr__e.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.png";
    assert_eq!(reply.header("content-disposition"), disposition);
    let known = [("if-none-match", reply.header("etag"))];
    assert_eq!(ada.send("GET", &path, &known, Body::empty()).await.status, 304);
    let head = ada.send("HEAD", &path, &[], Body::empty()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), "1000");
}

#[tokio::test]
async fn one_range_is_answered_and_one_beyond_the_end_refused() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let (path, image) = uploaded(&ada).await;
    let ranges = [
        ("bytes=0-99", 0..100, "bytes 0-99/1000"),
        ("bytes=900-", 900..1000, "bytes 900-999/1000"),
        ("bytes=-1", 999..1000, "bytes 999-999/1000"),
    ];
    for (range, expected, content_range) in ranges {
        let reply = ada.send("GET", &path, &[("range", range)], Body::empty()).await;
        assert_eq!((reply.status.as_u16(), &reply.body), (206, &image.slice(expected)));
        assert_eq!(reply.header("content-range"), content_range);
    }
    let beyond = ada.send("GET", &path, &[("range", "bytes=1000-")], Body::empty()).await;
    assert_eq!(beyond.header("content-range"), "bytes */1000");
    assert_eq!(beyond.expect(416)["type"], "urn:adstead:problem:range-not-satisfiable");
    let of_another = [("range", "bytes=0-9"), ("if-range", "\"another\"")];
    assert_eq!(ada.send("GET", &path, &of_another, Body::empty()).await.status, 200);
    let tag = ada.get(&path).await.header("etag").to_owned();
    let of_this = [("range", "bytes=0-9"), ("if-range", tag.as_str())];
    assert_eq!(ada.send("GET", &path, &of_this, Body::empty()).await.status, 206);
}

#[tokio::test]
async fn a_form_with_one_file_is_an_upload() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let image = png(64, 48, 500);
    let (content_type, body) = form(&[("banner.png", "image/png", &image)]);
    let headers = [("content-type", content_type.as_str())];
    let asset = ada.send("POST", "/v1/assets", &headers, body).await.expect(201);
    assert_eq!((&asset["name"], &asset["width"]), (&json!("banner.png"), &json!(64)));
    let content = ada.get(&format!("/v1/assets/{}/content", id(&asset))).await;
    assert_eq!(content.body, image);
}

#[tokio::test]
async fn a_form_with_two_files_stores_neither() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let image = png(64, 48, 500);
    let (content_type, body) = form(&[("a.png", "image/png", &image), ("b.png", "image/png", &image)]);
    let headers = [("content-type", content_type.as_str())];
    let problem = ada.send("POST", "/v1/assets", &headers, body).await.expect(400);
    assert_eq!(problem["detail"], "the form holds more than one file: send one at a time");
    assert_eq!(ada.get("/v1/assets").await.expect(200)["items"], json!([]));
    let cut_short = [("content-type", "multipart/form-data; boundary=edge")];
    ada.send("POST", "/v1/assets?name=a.png", &cut_short, "--edge\r\n").await.expect(400);
    let no_boundary = [("content-type", "multipart/form-data")];
    ada.send("POST", "/v1/assets?name=a.png", &no_boundary, "--edge--").await.expect(400);
}

#[tokio::test]
async fn a_form_whose_head_never_ends_is_cut_off() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let head = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nX-Fill: ";
    let pieces = std::iter::once(head.to_owned()).chain(std::iter::repeat_n("x".repeat(16 * 1024), 1_000));
    let body = Body::from_stream(futures::stream::iter(pieces.map(Ok::<_, std::io::Error>)));
    let headers = [("content-type", "multipart/form-data; boundary=edge")];
    let problem = ada.send("POST", "/v1/assets", &headers, body).await.expect(400);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("longer than 64 KiB"), "{detail}");
}

#[tokio::test]
async fn a_file_that_is_not_welcome_says_why() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let text = "just words, whatever the name says";
    let as_png = [("content-type", "image/png")];
    let problem = ada.send("POST", "/v1/assets?name=hero.png", &as_png, text).await.expect(415);
    assert_eq!(
        problem["detail"],
        "the file is declared as image/png, but its content is text: send it under its true type"
    );
    let untyped = [("content-type", "application/octet-stream")];
    ada.send("POST", "/v1/assets?name=hero.png", &untyped, text).await.expect(415);
    let page = [("content-type", "text/html")];
    ada.send("POST", "/v1/assets?name=hero.png", &page, text).await.expect(415);
    ada.send("POST", "/v1/assets?name=hero.png", &as_png, "").await.expect(422);
    let large = png(64, 48, 60_000);
    let problem = ada.send("POST", "/v1/assets?name=hero.png", &as_png, large).await.expect(413);
    assert_eq!(problem["detail"], "the file is larger than 50000 bytes: send a smaller one");
    let declared_length = [("content-length", "9000000000")];
    ada.send("POST", "/v1/assets?name=hero.png", &declared_length, "x").await.expect(413);
}

#[tokio::test]
async fn an_asset_is_removed_once_no_ad_shows_it() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let (ad, asset) = (ada.ad().await, ada.asset().await);
    let path = format!("/v1/assets/{asset}");
    ada.patch(&format!("/v1/ads/{ad}"), json!({"asset_ids": [asset]})).await.expect(200);
    let problem = ada.delete(&path).await.expect(409);
    assert!(problem["detail"].as_str().unwrap().contains(&ad), "{problem}");
    ada.patch(&format!("/v1/ads/{ad}"), json!({"asset_ids": []})).await.expect(200);
    ada.delete(&path).await.expect(204);
    ada.get(&path).await.expect(404);
    ada.delete(&path).await.expect(404);
}

#[tokio::test]
async fn a_stored_file_becomes_an_asset_though_its_client_hung_up() {
    let (files, gate) = MemoryFileStore::gated();
    let app = TestApp::with(Setup { files: Arc::new(files), ..Setup::default() }).await;
    let ada = app.admin().await;
    tokio::select! {
        _ = uploaded(&ada) => panic!("the upload waits for its file"),
        permit = gate.stored.acquire() => permit.unwrap().forget(),
    }
    gate.told.add_permits(1);
    let assets = &app.repositories.assets;
    while assets.list(app.account.id, PageRequest::default()).await.unwrap().items.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_upload_that_panics_is_a_problem() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let broken = futures::stream::poll_fn(|_| -> std::task::Poll<Option<Result<String, std::io::Error>>> {
        panic!("the line caught fire")
    });
    let body = Body::from_stream(broken);
    let problem = ada.send("POST", "/v1/assets?name=a.png", &[], body).await.expect(500);
    assert!(!problem.to_string().contains("fire"), "{problem}");
}
