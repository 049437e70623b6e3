//! Reads figures from the roll-ups.

mod inventory;
mod report;
mod spans;
mod spend;

use std::collections::HashMap;
use std::sync::Arc;

use adstead_domain::port::{AnalyticsRepository, PortError, PortErrorKind, SpendScope};
use adstead_domain::{AccountId, CampaignId, Figures, Inventory, ReportFilter, ReportQuery, Spend, UserId};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::entity::ads;
use super::entity::performance::PerformanceRollups;
use crate::database::DatabaseManager;

pub(super) struct DatabaseAnalytics {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl AnalyticsRepository for DatabaseAnalytics {
    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn report(
        &self,
        account: AccountId,
        query: &ReportQuery,
        now: Timestamp,
    ) -> Result<Figures, PortError> {
        let rows = self
            .database
            .read(async |database| report::rows(database, account, query).await)
            .await
            .map_err(|error| error.during("analytics.report"))?;
        let rows = rows.ok_or_else(|| PortError::new(PortErrorKind::Rejected, "analytics.report"))?;
        Ok(Figures { rows, read_at: now })
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn spend(
        &self,
        account: AccountId,
        scope: SpendScope,
        today: Timestamp,
    ) -> Result<Spend, PortError> {
        self.database
            .read(async |database| spend::of(database, account, scope, today).await)
            .await
            .map_err(|error| error.during("analytics.spend"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn spend_by_campaign(
        &self,
        account: AccountId,
        campaigns: &[CampaignId],
        today: Timestamp,
    ) -> Result<HashMap<CampaignId, Spend>, PortError> {
        self.database
            .read(async |database| spend::by_campaign(database, account, campaigns, today).await)
            .await
            .map_err(|error| error.during("analytics.spend_by_campaign"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn inventory(&self, account: AccountId, user: Option<UserId>) -> Result<Inventory, PortError> {
        self.database
            .read(async |database| inventory::count(database, account, user).await)
            .await
            .map_err(|error| error.during("analytics.inventory"))
    }
}

/// Confines roll-ups to the account's ads that pass `filter`: these are found first, and then the piece of the roll-ups'
/// primary key that belongs to each.
fn of_ads(mut rollups: SelectStatement, account: AccountId, filter: &ReportFilter) -> SelectStatement {
    let &ReportFilter { campaign_id, ad_group_id, ad_id, platform, ad_type } = filter;
    let ads = ads::Entity::find()
        .select_only()
        .column(ads::Column::Id)
        .filter(ads::Column::AccountId.eq(account.uuid()))
        .apply_if(campaign_id, |ads, id| ads.filter(ads::Column::CampaignId.eq(id.uuid())))
        .apply_if(ad_group_id, |ads, id| ads.filter(ads::Column::AdGroupId.eq(id.uuid())))
        .apply_if(ad_id, |ads, id| ads.filter(ads::Column::Id.eq(id.uuid())))
        .apply_if(platform, |ads, platform| ads.filter(ads::Column::Platform.eq(platform.as_str())))
        .apply_if(ad_type, |ads, ad_type| ads.filter(ads::Column::AdType.eq(ad_type.as_str())))
        .into_query();
    rollups
        .and_where(Expr::col(PerformanceRollups::AccountId).eq(account.uuid()))
        .and_where(Expr::col(PerformanceRollups::AdId).in_subquery(ads));
    rollups
}
