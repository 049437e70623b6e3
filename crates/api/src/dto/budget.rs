use adstead_domain as domain;
use domain::{Currency, Money, Violations};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::input::{Field, FromJson, object};

/// What may be spent, in micros: millionths of the currency's unit.
#[derive(Serialize, ToSchema)]
pub(crate) struct Budget {
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: &'static str,
    /// The planned amount.
    #[schema(example = 500_000_000)]
    amount_micros: i64,
    /// The most of one day of the account's time zone.
    #[schema(required)]
    daily_limit_micros: Option<i64>,
    /// The most in all, where that is not the planned amount.
    #[schema(required)]
    lifetime_limit_micros: Option<i64>,
}

impl From<domain::Budget> for Budget {
    fn from(budget: domain::Budget) -> Self {
        Self {
            currency: budget.currency().code(),
            amount_micros: budget.amount().micros(),
            daily_limit_micros: budget.daily_limit().map(Money::micros),
            lifetime_limit_micros: budget.lifetime_limit().map(Money::micros),
        }
    }
}

/// What may be spent, in micros: millionths of the currency's unit. All budgets of an account have one currency, which
/// its first campaign decides. Without a lifetime limit, the amount is the most that is spent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetInput {
    /// An active currency of ISO 4217.
    #[schema(value_type = String, required, example = "USD")]
    currency: Field<Currency>,
    /// The planned amount.
    #[schema(value_type = i64, required, minimum = 1, maximum = 1_000_000_000_000_000_i64, example = 500_000_000)]
    amount_micros: Field<i64>,
    /// The most of one day of the account's time zone; not above the lifetime limit.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000_000_000_000_i64, example = 50_000_000)]
    daily_limit_micros: Field<i64>,
    /// The most in all, where that is not the planned amount.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000_000_000_000_i64)]
    lifetime_limit_micros: Field<i64>,
}

impl FromJson for BudgetInput {
    type Value = domain::Budget;

    fn from_json(json: Value) -> Result<domain::Budget, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { currency, amount_micros, daily_limit_micros, lifetime_limit_micros } = fields;
        let currency = faults.at("/currency", currency.required());
        let amount = faults.at("/amount_micros", amount_micros.required());
        let daily = faults.at("/daily_limit_micros", daily_limit_micros.optional()).flatten();
        let lifetime = faults.at("/lifetime_limit_micros", lifetime_limit_micros.optional()).flatten();
        // What is missing must not hide what is wrong with the rest.
        const ANY_AMOUNT: i64 = 1;
        let budget = domain::Budget::new(
            currency.unwrap_or(Currency::USD),
            amount.unwrap_or(ANY_AMOUNT),
            daily,
            lifetime,
        );
        let budget = faults.at("", budget);
        faults.finish(|| budget)
    }
}
