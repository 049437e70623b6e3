use std::str::FromStr;

use adstead_domain::{AccountId, CampaignStatus, Inventory, UserId, Violation};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    Select,
};
use uuid::Uuid;

use crate::database::{DatabaseError, Engine};
use crate::repositories::entity::performance::PerformanceRollups;
use crate::repositories::entity::value::{parsed, unsigned};
use crate::repositories::entity::{ads, assets, campaigns, generations};
use crate::repositories::sql::sum;

/// What the account holds, or what one of its users made.
pub(super) async fn count(
    database: &DatabaseConnection,
    account: AccountId,
    user: Option<UserId>,
) -> Result<Inventory, DatabaseError> {
    let account = account.uuid();
    let user = user.map(UserId::uuid);
    let (generations, generation_cost_micros) = generations_of(database, account, user).await?;
    let (assets, asset_bytes) = assets_of(database, account, user).await?;
    Ok(Inventory {
        campaigns: campaigns_by_status(database, account, user).await?,
        ads: ads_by_status(database, account, user).await?,
        budget_micros: budgets_of(database, account, user).await?,
        budget_spent_micros: budgets_spent(database, account, user).await?,
        generations: unsigned("generations", generations)?,
        generation_cost_micros: generation_cost_micros.unwrap_or_default(),
        assets: unsigned("assets", assets)?,
        asset_bytes: unsigned("assets.size_bytes", asset_bytes.unwrap_or_default())?,
    })
}

async fn campaigns_by_status(
    database: &DatabaseConnection,
    account: Uuid,
    user: Option<Uuid>,
) -> Result<Vec<(CampaignStatus, u64)>, DatabaseError> {
    use campaigns::Column;
    let counts = campaigns::Entity::find()
        .select_only()
        .column(Column::Status)
        .column_as(Column::Id.count(), "count")
        .filter(Column::AccountId.eq(account))
        .apply_if(user, |campaigns, user| campaigns.filter(Column::CreatedBy.eq(user)))
        .group_by(Column::Status)
        .into_tuple()
        .all(database)
        .await?;
    by_status("campaigns.status", counts)
}

async fn ads_by_status(
    database: &DatabaseConnection,
    account: Uuid,
    user: Option<Uuid>,
) -> Result<Vec<(adstead_domain::AdStatus, u64)>, DatabaseError> {
    use ads::Column;
    let counts = ads::Entity::find()
        .select_only()
        .column(Column::Status)
        .column_as(Column::Id.count(), "count")
        .filter(Column::AccountId.eq(account))
        .apply_if(user, |ads, user| ads.filter(Column::CreatedBy.eq(user)))
        .group_by(Column::Status)
        .into_tuple()
        .all(database)
        .await?;
    by_status("ads.status", counts)
}

/// The counts in the order of the statuses' life.
fn by_status<S>(column: &'static str, counts: Vec<(String, i64)>) -> Result<Vec<(S, u64)>, DatabaseError>
where
    S: FromStr<Err = Violation> + Ord,
{
    let parse = |(word, count): (String, i64)| Ok((parsed(column, &word)?, unsigned(column, count)?));
    let mut counts = counts.into_iter().map(parse).collect::<Result<Vec<_>, DatabaseError>>()?;
    counts.sort();
    Ok(counts)
}

async fn budgets_of(
    database: &DatabaseConnection,
    account: Uuid,
    user: Option<Uuid>,
) -> Result<i64, DatabaseError> {
    use campaigns::Column;
    let total = Func::coalesce([Expr::col(Column::LifetimeLimitMicros), Expr::col(Column::AmountMicros)]);
    let sum: Option<Option<i64>> = budgeted(account, user)
        .expr_as(sum(Engine::of(database), total), "sum")
        .into_tuple()
        .one(database)
        .await?;
    Ok(sum.flatten().unwrap_or_default())
}

async fn budgets_spent(
    database: &DatabaseConnection,
    account: Uuid,
    user: Option<Uuid>,
) -> Result<i64, DatabaseError> {
    let campaigns = budgeted(account, user).column(campaigns::Column::Id).into_query();
    let ads = ads::Entity::find()
        .select_only()
        .column(ads::Column::Id)
        .filter(ads::Column::AccountId.eq(account))
        .filter(ads::Column::CampaignId.in_subquery(campaigns))
        .into_query();
    let sum = Query::select()
        .expr(sum(Engine::of(database), Expr::col(PerformanceRollups::SpendMicros)))
        .from(PerformanceRollups::Table)
        .and_where(Expr::col(PerformanceRollups::AccountId).eq(account))
        .and_where(Expr::col(PerformanceRollups::AdId).in_subquery(ads))
        .take();
    let row = database.query_one(&sum).await?;
    let sum = row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?;
    Ok(sum.flatten().unwrap_or_default())
}

/// The campaigns whose budgets count, of which nothing is selected yet.
fn budgeted(account: Uuid, user: Option<Uuid>) -> Select<campaigns::Entity> {
    use campaigns::Column;
    campaigns::Entity::find()
        .select_only()
        .filter(Column::AccountId.eq(account))
        .filter(Column::Status.ne(CampaignStatus::Archived.as_str()))
        .apply_if(user, |campaigns, user| campaigns.filter(Column::CreatedBy.eq(user)))
}

async fn generations_of(
    database: &DatabaseConnection,
    account: Uuid,
    user: Option<Uuid>,
) -> Result<(i64, Option<i64>), DatabaseError> {
    use generations::Column;
    let sums = generations::Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "count")
        .expr_as(sum(Engine::of(database), Expr::col(Column::CostMicros)), "sum")
        .filter(Column::AccountId.eq(account))
        .apply_if(user, |generations, user| generations.filter(Column::RequestedBy.eq(user)))
        .into_tuple()
        .one(database)
        .await?;
    Ok(sums.unwrap_or_default())
}

async fn assets_of(
    database: &DatabaseConnection,
    account: Uuid,
    user: Option<Uuid>,
) -> Result<(i64, Option<i64>), DatabaseError> {
    use assets::Column;
    let sums = assets::Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "count")
        .expr_as(sum(Engine::of(database), Expr::col(Column::SizeBytes)), "sum")
        .filter(Column::AccountId.eq(account))
        .apply_if(user, |assets, user| assets.filter(Column::UploadedBy.eq(user)))
        .into_tuple()
        .one(database)
        .await?;
    Ok(sums.unwrap_or_default())
}
