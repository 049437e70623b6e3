use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{AnalyticsRepository, PortError, SpendScope};
use adstead_domain::{
    AccountId, CampaignId, Figures, Inventory, ReportFilter, ReportQuery, ReportRow, Spend, UserId,
};
use async_trait::async_trait;
use jiff::Timestamp;

use super::figures_of;
use crate::cache::{CacheManager, EntryOptions, shared_failure};

/// Keeps reports until new events are counted. Spend is always read: budgets are compared with it.
pub struct CachedAnalytics {
    analytics: Arc<dyn AnalyticsRepository>,
    cache: Arc<CacheManager>,
    ttl: Duration,
}

impl CachedAnalytics {
    /// `analytics`, whose reports are kept for `ttl` at most. Events must be recorded through a
    /// [`CachedPerformance`](super::CachedPerformance) on the same cache.
    pub fn new(analytics: Arc<dyn AnalyticsRepository>, cache: Arc<CacheManager>, ttl: Duration) -> Self {
        Self { analytics, cache, ttl }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AnalyticsRepository for CachedAnalytics {
    async fn report(
        &self,
        account: AccountId,
        query: &ReportQuery,
        now: Timestamp,
    ) -> Result<Figures, PortError> {
        let options = EntryOptions::new(self.ttl).tag(figures_of(account)).weighing(bytes);
        let load = self.analytics.report(account, query, now);
        let figures = self.cache.get_or_load(&key(account, query), &options, load).await;
        let Figures { rows, read_at } = figures.map(Arc::unwrap_or_clone).map_err(shared_failure)?;
        // Whoever read them may have a clock that is ahead of this caller's.
        Ok(Figures { rows, read_at: read_at.min(now) })
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

fn key(account: AccountId, query: &ReportQuery) -> String {
    let ReportQuery { range, zone, granularity, group_by, filter } = query;
    let ReportFilter { campaign_id, ad_group_id, ad_id, platform, ad_type } = filter;
    let part = |id: Option<String>| id.unwrap_or_default();
    format!(
        "report:{account}:{}:{}:{}:{granularity}:{group_by}:{}:{}:{}:{}:{}",
        range.from().as_second(),
        range.to().as_second(),
        zone.name(),
        part(campaign_id.map(|id| id.to_string())),
        part(ad_group_id.map(|id| id.to_string())),
        part(ad_id.map(|id| id.to_string())),
        part(platform.map(|platform| platform.to_string())),
        part(ad_type.map(|ad_type| ad_type.to_string())),
    )
}

/// What a report takes in memory. The keys of one are all of about one length.
fn bytes(figures: &Figures) -> u32 {
    let Figures { rows, read_at: _ } = figures;
    let key = rows.first().map_or(0, |row| row.key.len());
    let each = size_of::<ReportRow>() + key;
    u32::try_from(size_of::<Figures>() + rows.len() * each).unwrap_or(u32::MAX)
}
