use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adstead_api::ApiLimits;
use adstead_domain::port::{AnalyticsRepository, Clock as _, PortError, SpendScope};
use adstead_domain::{AccountId, CampaignId, Figures, Inventory, ReportQuery, Spend, UserId};
use async_trait::async_trait;
use axum::body::Body;
use jiff::{SignedDuration, Timestamp};

use crate::app::{Setup, TestApp};
use crate::client::Reply;

/// Every report, as a cache keeps it: read once, whatever happens then.
pub(crate) struct KeptReports {
    analytics: Arc<dyn AnalyticsRepository>,
    kept: Mutex<Vec<(ReportQuery, Figures)>>,
}

impl KeptReports {
    pub(crate) fn over(analytics: Arc<dyn AnalyticsRepository>) -> Arc<dyn AnalyticsRepository> {
        Arc::new(Self { analytics, kept: Mutex::default() })
    }

    fn of(&self, query: &ReportQuery) -> Option<Figures> {
        let kept = self.kept.lock().unwrap();
        kept.iter().find(|(known, _)| known == query).map(|(_, figures)| figures.clone())
    }
}

#[async_trait]
impl AnalyticsRepository for KeptReports {
    async fn report(
        &self,
        account: AccountId,
        query: &ReportQuery,
        now: Timestamp,
    ) -> Result<Figures, PortError> {
        if let Some(figures) = self.of(query) {
            return Ok(figures);
        }
        let figures = self.analytics.report(account, query, now).await?;
        self.kept.lock().unwrap().push((query.clone(), figures.clone()));
        Ok(figures)
    }

    async fn spend(
        &self,
        account: AccountId,
        scope: SpendScope,
        today: Timestamp,
    ) -> Result<Spend, PortError> {
        self.analytics.spend(account, scope, today).await
    }

    async fn spend_by_campaign(
        &self,
        account: AccountId,
        campaigns: &[CampaignId],
        today: Timestamp,
    ) -> Result<HashMap<CampaignId, Spend>, PortError> {
        self.analytics.spend_by_campaign(account, campaigns, today).await
    }

    async fn inventory(&self, account: AccountId, user: Option<UserId>) -> Result<Inventory, PortError> {
        self.analytics.inventory(account, user).await
    }
}

fn reports(ad: &str) -> [String; 4] {
    ["reports/performance", "reports/funnel", "reports/summary", &format!("ads/{ad}/prediction")]
        .map(|report| format!("/v1/{report}"))
}

fn age_and_bound(reply: &Reply) -> (&str, &str) {
    (reply.header("age"), reply.header("cache-control"))
}

#[tokio::test]
async fn a_report_that_was_kept_tells_its_age_and_how_old_it_may_become() {
    let limits = ApiLimits { max_report_age: Duration::from_millis(30_500), ..ApiLimits::default() };
    let app = TestApp::with(Setup { limits, keeps_reports: true, ..Setup::default() }).await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    for path in reports(&ad) {
        let first = ada.get(&path).await;
        assert_eq!(age_and_bound(&first), ("0", "private, max-age=30"), "{path}");
        assert_eq!(first.header("vary"), "authorization", "{path}");
        let read_at = first.expect(200)["computed_at"].clone();

        app.clock.advance(SignedDuration::from_millis(12_700));
        let second = ada.get(&path).await;
        assert_eq!(age_and_bound(&second), ("12", "private, max-age=30"), "{path}");
        assert_eq!(second.expect(200)["computed_at"], read_at, "{path}");

        app.clock.advance(SignedDuration::from_secs(-60));
        assert_eq!(ada.get(&path).await.header("age"), "0", "{path}: a clock was set back");
        app.clock.advance(SignedDuration::from_millis(60_000 - 12_700));
    }
}

#[tokio::test]
async fn a_report_of_a_server_that_keeps_none_is_new_and_to_be_asked_for_each_time() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.active_ad().await;
    for path in reports(&ad) {
        for _ in 0..2 {
            let reply = ada.get(&path).await;
            assert_eq!(age_and_bound(&reply), ("0", "private, no-cache"), "{path}");
            assert_eq!(reply.expect(200)["computed_at"], app.clock.now().to_string(), "{path}");
            app.clock.advance(SignedDuration::from_secs(12));
        }
    }
}

#[tokio::test]
async fn what_campaigns_spent_of_their_budgets_is_never_kept() {
    let limits = ApiLimits { max_report_age: Duration::from_secs(30), ..ApiLimits::default() };
    let app = TestApp::with(Setup { limits, keeps_reports: true, ..Setup::default() }).await;
    let reply = app.admin().await.get("/v1/reports/budgets").await;
    assert_eq!(age_and_bound(&reply), ("", "private, no-cache"));
}

#[tokio::test]
async fn the_platforms_are_asked_for_once_an_hour_and_sent_anew_only_if_they_changed() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let table = ada.get("/v1/platforms").await;
    assert_eq!(table.header("cache-control"), "private, max-age=3600");
    assert_eq!(table.header("content-type"), "application/json");
    let tag = table.header("etag").to_owned();
    assert_eq!(table.expect(200)["platforms"].as_array().unwrap().len(), 7);

    for known in [tag.clone(), format!("W/{tag}"), "*".to_owned()] {
        let reply = ada.send("GET", "/v1/platforms", &[("if-none-match", &known)], Body::empty()).await;
        assert_eq!((reply.status.as_u16(), reply.body.len()), (304, 0), "{known}");
        assert_eq!((reply.header("etag"), reply.header("cache-control")), (&*tag, "private, max-age=3600"));
    }
    let another = [("if-none-match", "\"another\"")];
    ada.send("GET", "/v1/platforms", &another, Body::empty()).await.expect(200);
}
