//! What a model can tell before anything is written.

use adstead_domain::Role;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn a_voice_and_an_audience_are_told_with_who_says_so() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let samples = json!({ "samples": ["We mend what we sell.", "No fuss."] });
    let voice = ada.post("/v1/analyses/brand-voice", samples.clone()).await.expect(200);
    assert_eq!((&voice["summary"], &voice["provider"]), (&json!("It speaks in 2 texts."), &json!("plain")));
    let brief = {
        let mut brief = crate::client::brief();
        brief["brand_voice"] = voice["brand_voice"].clone();
        brief
    };
    ada.post("/v1/generations", json!({ "brief": brief })).await.expect(201);

    let product = json!({ "product": "Shoes", "language": "en", "segments": 2 });
    let audience = ada.post("/v1/analyses/audience", product).await.expect(200);
    assert_eq!(audience["segments"].as_array().map(Vec::len), Some(2));
    assert_eq!((&audience["segments"][1]["min_age"], &audience["model"]), (&json!(18), &json!("plain-1")));
    app.colleague(Role::Viewer).await.post("/v1/analyses/brand-voice", samples).await.expect(403);
}

#[tokio::test]
async fn nothing_and_too_much_are_refused() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let samples = json!({ "samples": [] });
    assert_eq!(
        ada.post("/v1/analyses/brand-voice", samples).await.faults(),
        ["/samples: there are 0 samples: give 1 to 20"]
    );
    let asked = json!({ "samples": ["No fuss."], "provider": "oracle" });
    assert_eq!(
        ada.post("/v1/analyses/brand-voice", asked).await.faults(),
        ["/provider: there is no provider \"oracle\": use one of plain"]
    );
    let many = json!({ "product": "Shoes", "language": "en", "segments": 6 });
    assert_eq!(
        ada.post("/v1/analyses/audience", many).await.faults(),
        ["/segments: 6 segments are out of bounds: ask for 1 to 5"]
    );
}
