use std::collections::BTreeMap;

use adstead_domain::report::GroupBy;
use adstead_domain::{AccountId, Metrics, Period, Report, ReportQuery, ReportRow};
use sea_orm::sea_query::{self, Expr, ExprTrait, Iden, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult};
use uuid::Uuid;

use super::of_ads;
use super::spans::Span;
use crate::database::{DatabaseError, Engine};
use crate::repositories::entity::ads;
use crate::repositories::entity::performance::PerformanceRollups;
use crate::repositories::entity::value::{micros, unsigned};
use crate::repositories::sql::sum;

/// The names inside a report's statement.
#[derive(Debug, Clone, Copy, Iden)]
enum Sums {
    Table,
    Period,
    GroupKey,
}

/// The rows of a report: one statement for each piece of time with a constant offset, and the pieces put together.
/// Nothing where there are more than [`Report::MAX_ROWS`] of them.
pub(super) async fn rows(
    database: &DatabaseConnection,
    account: AccountId,
    query: &ReportQuery,
) -> Result<Option<Vec<ReportRow>>, DatabaseError> {
    let mut figures: BTreeMap<(Period, String), Metrics> = BTreeMap::new();
    for span in Span::of(query) {
        // One row too many tells that there are too many, and is all that is read of them.
        let bounded =
            statement(Engine::of(database), account, query, &span).limit(Report::MAX_ROWS as u64 + 1).take();
        for row in database.query_all(&bounded).await? {
            let period = span.period(row.try_get_by(0)?)?;
            let key = key_of(&row, account, query.group_by)?;
            *figures.entry((period, key)).or_default() += metrics_of(&row)?;
            if figures.len() > Report::MAX_ROWS {
                return Ok(None);
            }
        }
    }
    let counted = figures.into_iter().filter(|(_, metrics)| !metrics.is_empty());
    Ok(Some(counted.map(|((period, key), metrics)| ReportRow { period, key, metrics }).collect()))
}

/// Sums by period and ad first; only those few sums are joined to the ads that tell their campaign, group or platform.
fn statement(engine: Engine, account: AccountId, query: &ReportQuery, span: &Span) -> SelectStatement {
    use PerformanceRollups as Column;
    let mut sums = Query::select();
    sums.expr_as(period(span), Sums::Period)
        .column(Column::AdId)
        .from(Column::Table)
        .and_where(Expr::col(Column::BucketStart).gte(micros(span.from)))
        .and_where(Expr::col(Column::BucketStart).lt(micros(span.to)))
        .add_group_by([Expr::col(Sums::Period), Expr::col(Column::AdId)]);
    for figure in Column::FIGURES {
        sums.expr_as(sum(engine, Expr::col(figure)), figure);
    }
    let mut report = Query::select();
    report
        .column(Sums::Period)
        .exprs(Column::FIGURES.map(|figure| sum(engine, Expr::col((Sums::Table, figure)))))
        .from_subquery(of_ads(sums, account, &query.filter), Sums::Table)
        .add_group_by([Expr::col(Sums::Period)]);
    let ads_column = match query.group_by {
        GroupBy::Account => return report,
        GroupBy::Ad => {
            report.expr_as(Expr::col(Column::AdId), Sums::GroupKey).add_group_by([Expr::col(Column::AdId)]);
            return report;
        }
        GroupBy::Campaign => ads::Column::CampaignId,
        GroupBy::AdGroup => ads::Column::AdGroupId,
        GroupBy::Platform => ads::Column::Platform,
        GroupBy::AdType => ads::Column::AdType,
    };
    let same_ad = Expr::col((ads::Entity, ads::Column::AccountId))
        .eq(account.uuid())
        .and(Expr::col((ads::Entity, ads::Column::Id)).equals((Sums::Table, Column::AdId)));
    let key = || Expr::col((ads::Entity, ads_column));
    report.inner_join(ads::Entity, same_ad).expr_as(key(), Sums::GroupKey).add_group_by([key()]);
    report
}

/// The shifted start of the period that a bucket belongs to.
fn period(span: &Span) -> SimpleExpr {
    let shifted = || Expr::col(PerformanceRollups::BucketStart).add(span.shift());
    match span.unit() {
        Some(unit) => shifted().sub(shifted().modulo(unit)),
        None => Expr::val(0_i64),
    }
}

fn metrics_of(row: &QueryResult) -> Result<Metrics, DatabaseError> {
    let count = |index| unsigned("performance_rollups", row.try_get_by_index(index)?);
    Ok(Metrics {
        impressions: count(1)?,
        clicks: count(2)?,
        conversions: count(3)?,
        spend_micros: row.try_get_by_index(4)?,
        revenue_micros: row.try_get_by_index(5)?,
    })
}

fn key_of(row: &QueryResult, account: AccountId, group_by: GroupBy) -> Result<String, DatabaseError> {
    const KEY: usize = 6;
    Ok(match group_by {
        GroupBy::Account => account.to_string(),
        GroupBy::Campaign | GroupBy::AdGroup | GroupBy::Ad => row.try_get_by_index::<Uuid>(KEY)?.to_string(),
        GroupBy::Platform | GroupBy::AdType => row.try_get_by_index(KEY)?,
    })
}
