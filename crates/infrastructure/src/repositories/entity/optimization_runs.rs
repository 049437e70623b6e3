use adstead_domain::{AccountId, AdId, Metrics, OptimizationRun, OptimizationRunId, TimeRange, UserId};
use sea_orm::entity::prelude::*;

use super::value::{from_json, instant, json, micros, number, signed, unsigned, version};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "optimization_runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub ad_id: Uuid,
    pub range_from: i64,
    pub range_to: i64,
    pub impressions: i64,
    pub clicks: i64,
    pub conversions: i64,
    pub spend_micros: i64,
    pub revenue_micros: i64,
    pub created_by: Uuid,
    pub created_at: i64,
    pub version: i32,
    pub recommendations: String,
    pub applied: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&OptimizationRun> for Model {
    fn from(run: &OptimizationRun) -> Self {
        let OptimizationRun {
            id,
            account_id,
            ad_id,
            range,
            metrics,
            recommendations,
            applied,
            created_by,
            created_at,
            version,
        } = run;
        let Metrics { impressions, clicks, conversions, spend_micros, revenue_micros } = *metrics;
        Self {
            account_id: account_id.uuid(),
            id: id.uuid(),
            ad_id: ad_id.uuid(),
            range_from: micros(range.from()),
            range_to: micros(range.to()),
            impressions: signed(impressions),
            clicks: signed(clicks),
            conversions: signed(conversions),
            spend_micros,
            revenue_micros,
            created_by: created_by.uuid(),
            created_at: micros(*created_at),
            version: number(*version),
            recommendations: json(recommendations),
            applied: applied.as_ref().map(json),
        }
    }
}

impl TryFrom<Model> for OptimizationRun {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model {
            account_id,
            id,
            ad_id,
            range_from,
            range_to,
            impressions,
            clicks,
            conversions,
            spend_micros,
            revenue_micros,
            created_by,
            created_at,
            version: changes,
            recommendations,
            applied,
        } = row;
        let from = instant("optimization_runs.range_from", range_from)?;
        let to = instant("optimization_runs.range_to", range_to)?;
        Ok(Self {
            id: OptimizationRunId::new(id),
            account_id: AccountId::new(account_id),
            ad_id: AdId::new(ad_id),
            range: TimeRange::new(from, to)
                .map_err(|violation| DatabaseError::corrupt("optimization_runs.range_to", violation))?,
            metrics: Metrics {
                impressions: unsigned("optimization_runs.impressions", impressions)?,
                clicks: unsigned("optimization_runs.clicks", clicks)?,
                conversions: unsigned("optimization_runs.conversions", conversions)?,
                spend_micros,
                revenue_micros,
            },
            recommendations: from_json("optimization_runs.recommendations", &recommendations)?,
            applied: applied.map(|text| from_json("optimization_runs.applied", &text)).transpose()?,
            created_by: UserId::new(created_by),
            created_at: instant("optimization_runs.created_at", created_at)?,
            version: version(changes),
        })
    }
}
