//! Hints for whoever reviews an ad.

use adstead_domain::Role;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn a_reviewer_is_told_which_words_of_an_ad_to_look_at() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.ad().await;
    let read = json!({ "headlines": ["The best shoes", "Made to last", "Free returns"] });
    ada.patch(&format!("/v1/ads/{ad}"), read).await.expect(200);
    let path = format!("/v1/ads/{ad}/inspections");
    let reviewer = app.colleague(Role::Reviewer).await;
    let inspection = reviewer.post(&path, json!({ "language": "en" })).await.expect(200);
    assert_eq!(inspection["provider"], "phrases");
    let hints = inspection["hints"].as_array().unwrap();
    assert_eq!(hints.len(), 1, "{inspection}");
    assert_eq!(
        (&hints[0]["rule"], &hints[0]["pointer"], &hints[0]["excerpt"]),
        (&json!("superlative"), &json!("/headlines/0"), &json!("the best"))
    );
    app.colleague(Role::Viewer).await.post(&path, json!({ "language": "en" })).await.expect(403);
    assert_eq!(ada.post(&path, json!({})).await.faults(), ["/language: is missing: this field is required"]);
    assert_eq!(
        ada.post(&path, json!({ "language": "en", "provider": "oracle" })).await.faults(),
        ["/provider: there is no provider \"oracle\": use one of phrases"]
    );
    let stranger = app.stranger().await;
    stranger.post(&path, json!({ "language": "en" })).await.expect(404);
}
