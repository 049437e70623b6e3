use std::collections::BTreeMap;

use adstead_application::reports::{RankedAd, Summary};
use adstead_domain as domain;
use domain::{AdStatus, CampaignStatus, Currency, Inventory, Spend, UserId, Violations};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::report::Metrics;
use crate::input::{Field, FromJson, object};

/// How the account stands. With `user_id`, campaigns, ads, generations and assets are those that the user made, and budgets those of
/// these campaigns; spend and the best and worst ads are the whole account's all the same.
#[derive(Serialize, ToSchema)]
#[schema(as = Summary)]
pub(crate) struct SummaryReport {
    /// The zone in which a day is a day.
    time_zone: String,
    /// The currency of all money here but the generations' cost; `null` before the first campaign.
    #[schema(required, example = "USD")]
    currency: Option<&'static str>,
    /// Campaigns by status; every status is there.
    #[schema(value_type = BTreeMap<String, u64>, example = json!({"draft": 1, "active": 2, "paused": 0, "completed": 0, "archived": 0}))]
    campaigns: BTreeMap<&'static str, u64>,
    /// Ads by status; every status is there.
    #[schema(value_type = BTreeMap<String, u64>)]
    ads: BTreeMap<&'static str, u64>,
    /// What the account spent today, in its zone.
    spend_today_micros: i64,
    /// What the account spent in all.
    spend_total_micros: i64,
    /// What campaigns that are not archived may spend in all: their lifetime limits, or else their budgets' amounts.
    budget_micros: i64,
    /// What these same campaigns spent in all.
    budget_spent_micros: i64,
    /// That spend ÷ that budget; `null` without a budget.
    #[schema(required)]
    budget_used: Option<f64>,
    /// The ads with the highest click-through rate of the last thirty days, the best first.
    best_ads: Vec<AdFigures>,
    /// The ads with the lowest, the worst first.
    worst_ads: Vec<AdFigures>,
    /// How often copy was generated.
    generations: u64,
    /// What that cost, as far as it is known, in micros of a US dollar.
    generation_cost_micros: i64,
    /// How many files are kept.
    assets: u64,
    /// What they weigh.
    asset_bytes: u64,
    /// When the oldest of this was read, the figures of the best and worst ads: as long ago as `Age` says.
    computed_at: Timestamp,
}

/// An ad and its figures of the last thirty days.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdFigures {
    ad_id: Uuid,
    #[serde(flatten)]
    metrics: Metrics,
}

impl From<Summary> for SummaryReport {
    fn from(summary: Summary) -> Self {
        let Summary { zone, currency, inventory, spend, budget_used, best_ads, worst_ads, computed_at } =
            summary;
        let Inventory {
            campaigns,
            ads,
            budget_micros,
            budget_spent_micros,
            generations,
            generation_cost_micros,
            assets,
            asset_bytes,
        } = inventory;
        let Spend { today_micros, lifetime_micros } = spend;
        let none = |status: &'static str| (status, 0);
        let mut campaigns_by_status: BTreeMap<_, _> =
            CampaignStatus::ALL.iter().map(|status| none(status.as_str())).collect();
        campaigns_by_status.extend(campaigns.into_iter().map(|(status, count)| (status.as_str(), count)));
        let mut ads_by_status: BTreeMap<_, _> =
            AdStatus::ALL.iter().map(|status| none(status.as_str())).collect();
        ads_by_status.extend(ads.into_iter().map(|(status, count)| (status.as_str(), count)));
        Self {
            time_zone: zone.name().to_owned(),
            currency: currency.map(Currency::code),
            campaigns: campaigns_by_status,
            ads: ads_by_status,
            spend_today_micros: today_micros,
            spend_total_micros: lifetime_micros,
            budget_micros,
            budget_spent_micros,
            budget_used,
            best_ads: best_ads.into_iter().map(AdFigures::from).collect(),
            worst_ads: worst_ads.into_iter().map(AdFigures::from).collect(),
            generations,
            generation_cost_micros,
            assets,
            asset_bytes,
            computed_at,
        }
    }
}

impl From<RankedAd> for AdFigures {
    fn from(ranked: RankedAd) -> Self {
        let RankedAd { ad_id, metrics } = ranked;
        Self { ad_id: ad_id.uuid(), metrics: metrics.into() }
    }
}

/// Whose work is counted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SummaryParams {
    /// Only what one user made.
    #[param(value_type = Option<Uuid>)]
    user_id: Field<UserId>,
}

impl FromJson for SummaryParams {
    type Value = Option<UserId>;

    fn from_json(json: Value) -> Result<Option<UserId>, Violations> {
        let (Self { user_id }, mut faults) = object::<Self>(json)?;
        let user = faults.at("/user_id", user_id.optional());
        faults.finish(|| user)
    }
}
