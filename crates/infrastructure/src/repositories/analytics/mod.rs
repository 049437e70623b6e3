//! Reads figures from the roll-ups.

mod inventory;
mod report;
mod spans;

use std::sync::Arc;

use adstead_domain::port::{AnalyticsRepository, PortError, PortErrorKind, SpendScope};
use adstead_domain::{AccountId, Inventory, ReportFilter, ReportQuery, ReportRow, Spend, UserId};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::entity::ads;
use super::entity::performance::PerformanceRollups;
use super::entity::value::micros;
use super::sql::sum;
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseAnalytics {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl AnalyticsRepository for DatabaseAnalytics {
    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn report(&self, account: AccountId, query: &ReportQuery) -> Result<Vec<ReportRow>, PortError> {
        let rows = self
            .database
            .read(async |database| report::rows(database, account, query).await)
            .await
            .map_err(|error| error.during("analytics.report"))?;
        rows.ok_or_else(|| PortError::new(PortErrorKind::Rejected, "analytics.report"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn spend(
        &self,
        account: AccountId,
        scope: SpendScope,
        today: Timestamp,
    ) -> Result<Spend, PortError> {
        let spent = Expr::col(PerformanceRollups::SpendMicros);
        let since_today = Expr::col(PerformanceRollups::BucketStart).gte(micros(today));
        let spent_today = CaseStatement::new().case(since_today, spent.clone()).finally(0);
        let engine = self.database.engine();
        let sums = Query::select()
            .expr(sum(engine, spent_today))
            .expr(sum(engine, spent))
            .from(PerformanceRollups::Table)
            .take();
        let sums = of_ads(sums, account, &filter_of(scope));
        self.database
            .read(async |database| {
                let row = database.query_one(&sums).await?;
                let sum = |index| -> Result<i64, DatabaseError> {
                    let sum =
                        row.as_ref().map(|row| row.try_get_by_index::<Option<i64>>(index)).transpose()?;
                    Ok(sum.flatten().unwrap_or_default())
                };
                Ok(Spend { today_micros: sum(0)?, lifetime_micros: sum(1)? })
            })
            .await
            .map_err(|error: DatabaseError| error.during("analytics.spend"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn inventory(&self, account: AccountId, user: Option<UserId>) -> Result<Inventory, PortError> {
        self.database
            .read(async |database| inventory::count(database, account, user).await)
            .await
            .map_err(|error| error.during("analytics.inventory"))
    }
}

fn filter_of(scope: SpendScope) -> ReportFilter {
    let everything = ReportFilter::default();
    match scope {
        SpendScope::Account => everything,
        SpendScope::Campaign(id) => ReportFilter { campaign_id: Some(id), ..everything },
        SpendScope::AdGroup(id) => ReportFilter { ad_group_id: Some(id), ..everything },
    }
}

/// Confines roll-ups to the account's ads that pass `filter`: these are found first, and then the piece of the roll-ups'
/// primary key that belongs to each.
fn of_ads(mut rollups: SelectStatement, account: AccountId, filter: &ReportFilter) -> SelectStatement {
    let &ReportFilter { campaign_id, ad_group_id, ad_id, platform } = filter;
    let ads = ads::Entity::find()
        .select_only()
        .column(ads::Column::Id)
        .filter(ads::Column::AccountId.eq(account.uuid()))
        .apply_if(campaign_id, |ads, id| ads.filter(ads::Column::CampaignId.eq(id.uuid())))
        .apply_if(ad_group_id, |ads, id| ads.filter(ads::Column::AdGroupId.eq(id.uuid())))
        .apply_if(ad_id, |ads, id| ads.filter(ads::Column::Id.eq(id.uuid())))
        .apply_if(platform, |ads, platform| ads.filter(ads::Column::Platform.eq(platform.as_str())))
        .into_query();
    rollups
        .and_where(Expr::col(PerformanceRollups::AccountId).eq(account.uuid()))
        .and_where(Expr::col(PerformanceRollups::AdId).in_subquery(ads));
    rollups
}
