use adstead_testkit::pictures::{as_png, half_and_half, size_of};
use axum::body::Body;
use serde_json::json;

use crate::app::TestApp;
use crate::client::{Client, id};

async fn picture(client: &Client, width: u32, height: u32) -> String {
    let file = as_png(&half_and_half(width, height, [200, 0, 0], [0, 0, 200]));
    let headers = [("content-type", "image/png")];
    id(&client.send("POST", "/v1/assets?name=hero.png", &headers, file).await.expect(201))
}

#[tokio::test]
async fn an_image_can_be_had_in_the_sizes_that_platforms_ask_for() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let asset = picture(&ada, 1300, 900).await;
    let list = ada.get(&format!("/v1/assets/{asset}/renditions")).await.expect(200);
    let items = list["items"].as_array().unwrap();
    let square = items.iter().find(|item| item["name"] == "google-square").unwrap();
    assert_eq!(
        (&square["platform"], &square["width"], &square["height"]),
        (&json!("google"), &json!(900), &json!(900))
    );
    assert!(
        items.iter().all(|item| item["name"] != "tiktok-portrait"),
        "720 × 1280 cannot be cut of it: {list}"
    );
    for item in [square, &items[0]] {
        let path = item["path"].as_str().unwrap();
        let reply = ada.get(path).await;
        assert_eq!(reply.status, 200);
        assert_eq!(json!(reply.header("content-type")), item["content_type"]);
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        let (width, height) = size_of(&reply.body);
        assert_eq!((json!(width), json!(height)), (item["width"].clone(), item["height"].clone()));
        let known = [("if-none-match", reply.header("etag"))];
        assert_eq!(ada.send("GET", path, &known, Body::empty()).await.status, 304, "it was made once");
        let part = ada.send("GET", path, &[("range", "bytes=1-3")], Body::empty()).await;
        assert_eq!((part.status.as_u16(), &part.body[..]), (206, &b"PNG"[..]));
    }
}

#[tokio::test]
async fn a_rendition_that_cannot_be_made_says_why() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let asset = picture(&ada, 400, 300).await;
    let problem = ada.get(&format!("/v1/assets/{asset}/renditions/x-square")).await.expect(409);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("400 × 300 pixels, too small for x-square"), "{detail}");
    let problem = ada.get(&format!("/v1/assets/{asset}/renditions/poster")).await.expect(422);
    assert!(problem["detail"].as_str().unwrap().contains("use one of thumbnail"), "{problem}");
    // Its header is that of an image, and the rest is none.
    let asset = ada.asset().await;
    let problem = ada.get(&format!("/v1/assets/{asset}/renditions/thumbnail")).await.expect(422);
    assert!(problem["detail"].as_str().unwrap().contains("damaged"), "{problem}");
    ada.get("/v1/assets/nonsense/renditions/thumbnail").await.expect(404);
}

#[tokio::test]
async fn renditions_go_with_their_asset() {
    let setup = crate::app::Setup::default();
    let files = setup.files.clone();
    let app = TestApp::with(setup).await;
    let ada = app.admin().await;
    let asset = picture(&ada, 400, 300).await;
    assert_eq!(ada.get(&format!("/v1/assets/{asset}/renditions/thumbnail")).await.status, 200);
    let kept = async || files.list(None, None, 10).await.unwrap().files.len();
    assert_eq!(kept().await, 2);
    ada.delete(&format!("/v1/assets/{asset}")).await.expect(204);
    assert_eq!(kept().await, 0);
}
