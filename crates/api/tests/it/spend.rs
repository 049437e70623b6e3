//! What models cost.

use adstead_domain::Role;
use adstead_domain::port::Payer;
use adstead_testkit::TestClock;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn everybody_of_an_account_sees_what_it_spent_today_and_may_spend() {
    let app = TestApp::new().await;
    let (viewer, eve) = (app.colleague(Role::Viewer).await, app.stranger().await);
    let payer = Payer::at(&app.account, TestClock::START);
    app.repositories.spend_ledger.reserve(&payer, 1_350, None).await.unwrap();
    let (day, ends) = (payer.day.to_string(), (TestClock::START + payer.day_ends_in).to_string());
    let expected = |spent: u64| json!({ "day": day, "day_ends_at": ends, "spent_micros": spent, "limit_micros": 5_000_000 });
    assert_eq!(viewer.get("/v1/generations/spend").await.expect(200), expected(1_350));
    let theirs = eve.get("/v1/generations/spend").await.expect(200);
    assert_eq!(theirs["spent_micros"], 0);
}
