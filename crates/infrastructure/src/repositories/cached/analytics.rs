use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{AnalyticsRepository, PortError, SpendScope};
use adstead_domain::{
    AccountId, CampaignId, Figures, Inventory, ReportFilter, ReportQuery, ReportRow, Spend, UserId,
};
use async_trait::async_trait;
use jiff::Timestamp;

use super::{figures_of, in_time};
use crate::cache::{Cache, EntryOptions};

/// Keeps reports until new events are counted. Spend is always read: budgets are compared with it.
pub struct CachedAnalytics {
    analytics: Arc<dyn AnalyticsRepository>,
    cache: Cache<Figures>,
}

impl CachedAnalytics {
    /// `analytics`, whose reports are kept in `cache`. Events must be recorded through a
    /// [`CachedPerformance`](super::CachedPerformance) on the same cache.
    pub fn new(analytics: Arc<dyn AnalyticsRepository>, cache: Cache<Figures>) -> Self {
        Self { analytics, cache }
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
        let tagged =
            self.cache.with(|options| tags(account, query).into_iter().fold(options, EntryOptions::tag));
        let tagged = tagged.expect("tags of ids are few and short");
        let (inner, wanted) = (Arc::clone(&self.analytics), query.clone());
        let load = move || async move { inner.report(account, &wanted, now).await };
        let figures = in_time("analytics.report", tagged.get_or_load(&key(account, query), load)).await?;
        let Figures { rows, read_at } = Arc::unwrap_or_clone(figures);
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

/// The form in which `Figures` is stored, to be counted up with each change to it: another one is not read.
const FORM: u32 = 1;

/// How reports are kept.
pub(super) fn options(ttl: Duration) -> EntryOptions<Figures> {
    EntryOptions::new(ttl).version(FORM).weighing(bytes)
}

/// What outdates a report: new events of its account. An operator can outdate those of one campaign.
fn tags(account: AccountId, query: &ReportQuery) -> Vec<String> {
    let of_campaign = query.filter.campaign_id.map(|campaign| format!("campaign:{campaign}"));
    of_campaign.into_iter().chain([figures_of(account)]).collect()
}

fn key(account: AccountId, query: &ReportQuery) -> String {
    let ReportQuery { range, zone, granularity, group_by, filter } = query;
    let ReportFilter { campaign_id, ad_group_id, ad_id, platform, ad_type } = filter;
    let part = |id: Option<String>| id.unwrap_or_default();
    format!(
        "{account}:{}:{}:{}:{granularity}:{group_by}:{}:{}:{}:{}:{}",
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
