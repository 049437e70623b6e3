use std::collections::HashMap;

use adstead_domain::port::SpendScope;
use adstead_domain::{AccountId, CampaignId, ReportFilter, Spend};
use jiff::Timestamp;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult};
use uuid::Uuid;

use super::of_ads;
use crate::database::{DatabaseError, Engine};
use crate::repositories::entity::ads;
use crate::repositories::entity::performance::PerformanceRollups;
use crate::repositories::entity::value::micros;
use crate::repositories::sql::sum;

/// How many campaigns one statement asks for.
const CHUNK: usize = 500;

/// What was spent in `scope`, from `today` on and in all.
pub(super) async fn of(
    database: &DatabaseConnection,
    account: AccountId,
    scope: SpendScope,
    today: Timestamp,
) -> Result<Spend, DatabaseError> {
    let everything = ReportFilter::default();
    let filter = match scope {
        SpendScope::Account => everything,
        SpendScope::Campaign(id) => ReportFilter { campaign_id: Some(id), ..everything },
        SpendScope::AdGroup(id) => ReportFilter { ad_group_id: Some(id), ..everything },
    };
    let sums = of_ads(sums(Engine::of(database), today), account, &filter);
    database.query_one(&sums).await?.map_or_else(|| Ok(Spend::default()), |row| spend_of(&row))
}

/// What each of these campaigns spent; those that spent nothing are left out.
pub(super) async fn by_campaign(
    database: &DatabaseConnection,
    account: AccountId,
    campaigns: &[CampaignId],
    today: Timestamp,
) -> Result<HashMap<CampaignId, Spend>, DatabaseError> {
    let campaign = || Expr::col((ads::Entity, ads::Column::CampaignId));
    let mut spends = HashMap::with_capacity(campaigns.len());
    for chunk in campaigns.chunks(CHUNK) {
        let same_ad = Expr::col((ads::Entity, ads::Column::Id))
            .equals((PerformanceRollups::Table, PerformanceRollups::AdId))
            .and(
                Expr::col((ads::Entity, ads::Column::AccountId))
                    .equals((PerformanceRollups::Table, PerformanceRollups::AccountId)),
            );
        let sums = sums(Engine::of(database), today)
            .expr(campaign())
            .inner_join(ads::Entity, same_ad)
            .and_where(Expr::col((ads::Entity, ads::Column::AccountId)).eq(account.uuid()))
            .and_where(campaign().is_in(chunk.iter().map(|id| id.uuid())))
            .add_group_by([campaign()])
            .take();
        for row in database.query_all(&sums).await? {
            spends.insert(CampaignId::new(row.try_get_by_index::<Uuid>(2)?), spend_of(&row)?);
        }
    }
    Ok(spends)
}

/// The spend since `today`, and that of all time.
fn sums(engine: Engine, today: Timestamp) -> SelectStatement {
    let spent = Expr::col((PerformanceRollups::Table, PerformanceRollups::SpendMicros));
    let is_recent =
        Expr::col((PerformanceRollups::Table, PerformanceRollups::BucketStart)).gte(micros(today));
    let spent_today = CaseStatement::new().case(is_recent, spent.clone()).finally(0);
    Query::select()
        .expr(sum(engine, spent_today))
        .expr(sum(engine, spent))
        .from(PerformanceRollups::Table)
        .take()
}

fn spend_of(row: &QueryResult) -> Result<Spend, DatabaseError> {
    let sum = |index| Ok::<_, DatabaseError>(row.try_get_by_index::<Option<i64>>(index)?.unwrap_or_default());
    Ok(Spend { today_micros: sum(0)?, lifetime_micros: sum(1)? })
}
