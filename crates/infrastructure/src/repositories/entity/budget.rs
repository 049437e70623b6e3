use adstead_domain::{Budget, Money};

use super::value::parsed;
use crate::database::DatabaseError;

/// The columns of a budget, in campaigns and in ad groups.
pub(super) struct BudgetColumns {
    pub(super) currency: String,
    pub(super) amount_micros: i64,
    pub(super) daily_limit_micros: Option<i64>,
    pub(super) lifetime_limit_micros: Option<i64>,
}

impl From<&Budget> for BudgetColumns {
    fn from(budget: &Budget) -> Self {
        Self {
            currency: budget.currency().code().to_owned(),
            amount_micros: budget.amount().micros(),
            daily_limit_micros: budget.daily_limit().map(Money::micros),
            lifetime_limit_micros: budget.lifetime_limit().map(Money::micros),
        }
    }
}

impl BudgetColumns {
    pub(super) fn parsed(self, column: &'static str) -> Result<Budget, DatabaseError> {
        let Self { currency, amount_micros, daily_limit_micros, lifetime_limit_micros } = self;
        let currency = parsed(column, &currency)?;
        Budget::new(currency, amount_micros, daily_limit_micros, lifetime_limit_micros)
            .map_err(|violations| DatabaseError::corrupt(column, violations))
    }
}
