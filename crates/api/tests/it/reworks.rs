//! Copy that is made from other copy.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::id;

#[tokio::test]
async fn variations_of_an_ad_and_of_a_variant_are_written_and_can_be_read_again() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.ad().await;
    let wish = json!({ "rework": { "task": "vary", "ad_id": ad, "language": "en", "tone": "playful" } });
    let generation = ada.post("/v1/generations", wish).await.expect(201);
    assert_eq!(generation["variants"].as_array().map(Vec::len), Some(3));
    let source = &generation["brief"]["source"];
    assert_eq!((&source["task"], &source["ad_id"]), (&json!("vary"), &json!(ad)));
    assert!(source["headlines"][0].is_string());
    assert_eq!(source["generation_id"], Value::Null);

    let wish = json!({ "rework": {
        "task": "rewrite", "generation_id": id(&generation), "variant": 2, "platform": "x", "ad_type": "text",
    } });
    let moved = ada.post("/v1/generations", wish).await.expect(201);
    assert_eq!((&moved["brief"]["platform"], &moved["brief"]["variants"]), (&json!("x"), &json!(1)));
    assert_eq!(moved["brief"]["source"]["headlines"], generation["variants"][2]["headlines"]);
    let path = format!("/v1/generations/{}", id(&moved));
    assert_eq!(ada.get(&path).await.expect(200), moved);
}

#[tokio::test]
async fn a_wish_for_nothing_or_for_two_things_is_told_what_is_amiss() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let faults = async |wish: Value| ada.post("/v1/generations", wish).await.faults();
    insta::assert_debug_snapshot!(faults(json!({})).await, @r#"
    [
        "/brief: is missing: say in `brief` what is to be written, or in `rework` what is to be made of copy",
    ]
    "#);
    let both =
        json!({ "brief": crate::client::brief(), "rework": { "task": "vary", "ad_id": ada.ad().await } });
    insta::assert_debug_snapshot!(faults(both).await, @r#"
    [
        "/rework: there is a brief beside it: copy is written from nothing or made from other copy, send one of both",
    ]
    "#);
    insta::assert_debug_snapshot!(faults(json!({ "rework": { "task": "polish", "length": "short" } })).await, @r#"
    [
        "/rework/task: \"polish\" is not a task: use one of vary, rewrite, translate",
        "/rework/length: \"short\" is not a length: use one of shorter, longer",
        "/rework/ad_id: it is to be made of one copy: name an ad by `ad_id`, or a variant by `generation_id` and `variant`",
    ]
    "#);
    let generation_id = ada.generation().await;
    let which = json!({ "rework": { "task": "vary", "generation_id": generation_id } });
    insta::assert_debug_snapshot!(faults(which).await, @r#"
    [
        "/rework/variant: is missing: say which of the generation's variants, from 0",
    ]
    "#);
    insta::assert_debug_snapshot!(faults(json!({ "rework": { "task": "translate" } })).await, @r#"
    [
        "/rework/ad_id: it is to be made of one copy: name an ad by `ad_id`, or a variant by `generation_id` and `variant`",
    ]
    "#);
}

#[tokio::test]
async fn copy_of_another_account_is_not_found() {
    let app = TestApp::new().await;
    let (ada, eve) = (app.admin().await, app.stranger().await);
    for rework in [
        json!({ "task": "vary", "ad_id": ada.ad().await, "language": "en" }),
        json!({ "task": "vary", "generation_id": ada.generation().await, "variant": 0 }),
    ] {
        eve.post("/v1/generations", json!({ "rework": rework })).await.expect(404);
    }
}
