use adstead_application::reports;
use adstead_domain as domain;
use domain::{CampaignStatus, Money, Spend};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::budget::Budget;
use super::words;

/// A campaign's budget, and what was spent of it. Money is in micros of the budget's currency.
#[derive(Serialize, ToSchema)]
pub(crate) struct BudgetUse {
    campaign_id: Uuid,
    name: String,
    #[schema(value_type = words::CampaignStatus)]
    status: CampaignStatus,
    budget: Budget,
    /// What it spent today, in the account's zone.
    spend_today_micros: i64,
    /// What it spent in all.
    spend_total_micros: i64,
    /// What it may still spend today, by its daily limit and in all.
    remaining_today_micros: i64,
    /// Today's spend ÷ the daily limit; `null` without one.
    #[schema(required)]
    used_today: Option<f64>,
    /// All spend ÷ what may be spent in all: the lifetime limit, or else the amount.
    used_total: f64,
}

impl From<reports::BudgetUse> for BudgetUse {
    fn from(used: reports::BudgetUse) -> Self {
        let reports::BudgetUse { campaign, spend } = used;
        let domain::Campaign { id, name, status, budget, .. } = campaign;
        let Spend { today_micros, lifetime_micros } = spend;
        let daily = budget.daily_limit().map(Money::micros);
        Self {
            campaign_id: id.uuid(),
            name: name.into(),
            status,
            spend_today_micros: today_micros,
            spend_total_micros: lifetime_micros,
            remaining_today_micros: budget.remaining_today(spend).micros(),
            used_today: daily.map(|limit| today_micros as f64 / limit as f64),
            used_total: budget.used_share(spend),
            budget: budget.into(),
        }
    }
}
