//! What a campaign or an ad group may spend, and whether it may spend on.

use serde::{Deserialize, Serialize};

use crate::{BudgetChange, BudgetLimit, Currency, Faults, Money, Violation, Violations};

/// How much may be spent: in all, and on each day of the account's time zone.
///
/// All amounts are of one currency and lie between 1 micro and [`Budget::MAX_MICROS`]; the daily limit is not above
/// the lifetime limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "RawBudget", try_from = "RawBudget")]
pub struct Budget {
    amount: Money,
    daily_limit: Option<Money>,
    lifetime_limit: Option<Money>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBudget {
    currency: Currency,
    amount_micros: i64,
    daily_limit_micros: Option<i64>,
    lifetime_limit_micros: Option<i64>,
}

/// What was spent so far, in micros of the budget's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spend {
    /// Since the beginning of today in the account's time zone.
    pub today_micros: i64,
    /// Ever since.
    pub lifetime_micros: i64,
}

/// A limit of a budget that is used up, or nearly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReachedLimit {
    /// Which.
    pub limit: BudgetLimit,
    /// Whether all of it is spent, or nearly.
    pub change: BudgetChange,
    /// What was spent.
    pub spent: Money,
    /// What may be spent.
    pub of: Money,
}

impl Budget {
    /// The share of a limit, in hundredths, from which it is nearly reached.
    pub const NEARLY_REACHED: i64 = 80;

    /// The largest amount: a thousand million units. Nine thousand budgets of that size still add up within an `i64`.
    pub const MAX_MICROS: i64 = 1_000_000_000 * Money::MICROS_PER_UNIT;

    /// A budget of `amount_micros`, with limits where they are given.
    ///
    /// # Errors
    /// All faults at once, each at `/amount_micros`, `/daily_limit_micros` or `/lifetime_limit_micros`: an amount that
    /// is not above zero or is past [`Budget::MAX_MICROS`], a daily limit above the lifetime limit.
    pub fn new(
        currency: Currency,
        amount_micros: i64,
        daily_limit_micros: Option<i64>,
        lifetime_limit_micros: Option<i64>,
    ) -> Result<Self, Violations> {
        let mut faults = Faults::default();
        let mut parse = |pointer, micros| faults.at(pointer, spendable(micros, currency));
        let amount = parse("/amount_micros", amount_micros);
        let daily_limit = daily_limit_micros.and_then(|micros| parse("/daily_limit_micros", micros));
        let lifetime_limit = lifetime_limit_micros.and_then(|micros| parse("/lifetime_limit_micros", micros));
        if let (Some(daily), Some(lifetime)) = (daily_limit, lifetime_limit)
            && daily.micros() > lifetime.micros()
        {
            let message = format!(
                "the daily limit of {daily} is above the lifetime limit of {lifetime}: lower the one or raise the other"
            );
            faults.push("/daily_limit_micros", Violation::invalid(message));
        }
        faults.finish(|| Some(Self { amount: amount?, daily_limit, lifetime_limit }))
    }

    /// The planned amount.
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// What may be spent on one day of the account's time zone.
    pub const fn daily_limit(&self) -> Option<Money> {
        self.daily_limit
    }

    /// What may be spent in all, where that is not the planned amount.
    pub const fn lifetime_limit(&self) -> Option<Money> {
        self.lifetime_limit
    }

    /// The currency of all its amounts.
    pub const fn currency(&self) -> Currency {
        self.amount.currency()
    }

    /// What may be spent in all: the lifetime limit, or else the planned amount.
    pub const fn total(&self) -> Money {
        match self.lifetime_limit {
            Some(limit) => limit,
            None => self.amount,
        }
    }

    /// Whether anything is left to spend after `spend`.
    ///
    /// # Errors
    /// A state violation that names the limit which is used up. The total comes first: waiting does not help there.
    pub fn admits(&self, spend: Spend) -> Result<(), Violation> {
        let total = self.total();
        if spend.lifetime_micros >= total.micros() {
            let what = if self.lifetime_limit.is_some() { "lifetime limit" } else { "budget" };
            let spent = Money::new(spend.lifetime_micros, self.currency());
            return Err(Violation::state(format!(
                "the {what} of {total} is used up: {spent} was spent in all; raise the {what} to go on"
            )));
        }
        match self.daily_limit {
            Some(limit) if spend.today_micros >= limit.micros() => {
                let spent = Money::new(spend.today_micros, self.currency());
                Err(Violation::state(format!(
                    "the daily limit of {limit} is used up: {spent} was spent today; raise the daily limit or wait \
                     until tomorrow"
                )))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The limits that `spend` has reached, or nearly: that of today, and the total.
    pub fn reached(&self, spend: Spend) -> Vec<ReachedLimit> {
        let daily = self.daily_limit.map(|limit| (BudgetLimit::Daily, spend.today_micros, limit));
        let in_all = (BudgetLimit::Lifetime, spend.lifetime_micros, self.total());
        let reached = |(limit, spent, of): (BudgetLimit, i64, Money)| {
            let (micros, all) = (i128::from(spent), i128::from(of.micros()));
            let change = if micros >= all {
                BudgetChange::Reached
            } else if micros * 100 >= all * i128::from(Self::NEARLY_REACHED) {
                BudgetChange::NearlyReached
            } else {
                return None;
            };
            Some(ReachedLimit { limit, change, spent: Money::new(spent, self.currency()), of })
        };
        daily.into_iter().chain([in_all]).filter_map(reached).collect()
    }

    /// What may still be spent today, by the daily limit and the total; never below zero.
    pub fn remaining_today(&self, spend: Spend) -> Money {
        let in_all = self.total().micros().saturating_sub(spend.lifetime_micros);
        let today = self.daily_limit.map(|limit| limit.micros().saturating_sub(spend.today_micros));
        Money::new(today.map_or(in_all, |today| today.min(in_all)).max(0), self.currency())
    }

    /// The share of the total that is spent: 0.0 for nothing, 1.0 for all of it, more where it was overspent.
    pub fn used_share(&self, spend: Spend) -> f64 {
        spend.lifetime_micros as f64 / self.total().micros() as f64
    }

    /// Whether an ad group with this budget stays within its campaign's, `outer`.
    ///
    /// # Errors
    /// All faults at once: another currency (`/currency`), or amounts and limits above what the campaign may spend,
    /// each at the field that holds it.
    pub fn within(&self, outer: &Self) -> Result<(), Violations> {
        if self.currency() != outer.currency() {
            let (own, outer) = (self.currency(), outer.currency());
            let message = format!("the campaign's budget is in {outer}, this one in {own}: use {outer}");
            return Err(Violation::invalid(message).at("/currency").into());
        }
        let total = outer.total();
        let a_day = outer.daily_limit.unwrap_or(total);
        let mut faults = Faults::default();
        let mut compare = |pointer, own: Option<Money>, bound: Money, what| {
            if let Some(own) = own.filter(|own| own.micros() > bound.micros()) {
                let message = format!(
                    "{own} is above the {bound} that the campaign may spend {what}: lower it to that"
                );
                faults.push(pointer, Violation::invalid(message));
            }
        };
        compare("/amount_micros", Some(self.amount), total, "in all");
        compare("/daily_limit_micros", self.daily_limit, a_day, "on one day");
        compare("/lifetime_limit_micros", self.lifetime_limit, total, "in all");
        faults.into_result()
    }
}

impl From<Budget> for RawBudget {
    fn from(budget: Budget) -> Self {
        let Budget { amount, daily_limit, lifetime_limit } = budget;
        Self {
            currency: amount.currency(),
            amount_micros: amount.micros(),
            daily_limit_micros: daily_limit.map(Money::micros),
            lifetime_limit_micros: lifetime_limit.map(Money::micros),
        }
    }
}

impl TryFrom<RawBudget> for Budget {
    type Error = Violations;

    fn try_from(raw: RawBudget) -> Result<Self, Self::Error> {
        let RawBudget { currency, amount_micros, daily_limit_micros, lifetime_limit_micros } = raw;
        Self::new(currency, amount_micros, daily_limit_micros, lifetime_limit_micros)
    }
}

fn spendable(micros: i64, currency: Currency) -> Result<Money, Violation> {
    let money = Money::new(micros, currency);
    if micros <= 0 {
        Err(Violation::invalid(format!("{money} buys nothing: give more than 0 micros")))
    } else if micros > Budget::MAX_MICROS {
        let most = Money::new(Budget::MAX_MICROS, currency);
        Err(Violation::invalid(format!("{money} is above the largest budget: give at most {most}")))
    } else {
        Ok(money)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ViolationKind;

    /// A budget in whole dollars.
    fn budget(amount: i64, daily: Option<i64>, lifetime: Option<i64>) -> Result<Budget, Violations> {
        let micros = |dollars: i64| dollars * Money::MICROS_PER_UNIT;
        Budget::new(Currency::USD, micros(amount), daily.map(micros), lifetime.map(micros))
    }

    fn spent(today: i64, lifetime: i64) -> Spend {
        Spend {
            today_micros: today * Money::MICROS_PER_UNIT,
            lifetime_micros: lifetime * Money::MICROS_PER_UNIT,
        }
    }

    fn pointers(violations: &Violations) -> Vec<&str> {
        violations.iter().map(Violation::pointer).collect()
    }

    #[test]
    fn all_faults_of_a_budget_are_told_at_once() {
        let violations = budget(0, Some(-5), Some(2_000_000_000)).unwrap_err();
        assert_eq!(
            pointers(&violations),
            ["/amount_micros", "/daily_limit_micros", "/lifetime_limit_micros"]
        );
        let messages: Vec<_> = violations.iter().map(Violation::message).collect();
        assert_eq!(messages[0], "0.00 USD buys nothing: give more than 0 micros");
        assert!(messages[2].ends_with("give at most 1000000000.00 USD"), "{}", messages[2]);
    }

    #[test]
    fn a_daily_limit_above_the_lifetime_limit_is_refused() {
        let violations = budget(100, Some(60), Some(50)).unwrap_err();
        assert_eq!(pointers(&violations), ["/daily_limit_micros"]);
        assert!(violations.to_string().contains("60.00 USD is above the lifetime limit of 50.00 USD"));
        assert!(budget(100, Some(50), Some(50)).is_ok());
    }

    #[test]
    fn a_budget_that_was_stored_is_checked_when_it_is_read() {
        let stored = serde_json::to_value(budget(100, Some(10), Some(50)).unwrap()).unwrap();
        assert_eq!(serde_json::from_value(stored.clone()).ok(), budget(100, Some(10), Some(50)).ok());
        for (field, value) in [
            ("amount_micros", 0.into()),
            ("daily_limit_micros", 50_000_001.into()),
            ("currency", "XAU".into()),
        ] {
            let mut harmed = stored.clone();
            harmed[field] = value;
            assert!(serde_json::from_value::<Budget>(harmed).is_err(), "{field}");
        }
    }

    #[test]
    fn spending_stops_at_the_daily_limit_until_tomorrow() {
        let budget = budget(100, Some(10), None).unwrap();
        assert_eq!(budget.admits(spent(9, 90)), Ok(()));
        let refusal = budget.admits(spent(10, 90)).unwrap_err();
        assert_eq!(refusal.kind(), ViolationKind::State);
        assert_eq!(
            refusal.message(),
            "the daily limit of 10.00 USD is used up: 10.00 USD was spent today; raise the daily limit or wait until \
             tomorrow"
        );
        assert_eq!(budget.admits(spent(0, 90)), Ok(()));
    }

    #[test]
    fn spending_stops_for_good_at_the_lifetime_limit_or_else_the_amount() {
        let limited = budget(100, Some(10), Some(50)).unwrap().admits(spent(10, 51)).unwrap_err();
        assert!(
            limited.message().starts_with("the lifetime limit of 50.00 USD is used up: 51.00 USD was spent")
        );
        let unlimited = budget(100, None, None).unwrap();
        assert_eq!(unlimited.admits(spent(99, 99)), Ok(()));
        assert!(
            unlimited.admits(spent(100, 100)).unwrap_err().message().starts_with("the budget of 100.00 USD")
        );
    }

    #[test]
    fn what_remains_today_is_the_smaller_of_both_remainders() {
        let budget = budget(100, Some(10), None).unwrap();
        assert_eq!(budget.remaining_today(spent(4, 40)).to_string(), "6.00 USD");
        assert_eq!(budget.remaining_today(spent(4, 97)).to_string(), "3.00 USD");
        assert_eq!(budget.remaining_today(spent(14, 140)).to_string(), "0.00 USD");
    }

    #[test]
    fn the_used_share_is_of_the_lifetime_limit_or_else_of_the_amount() {
        assert_eq!(budget(100, None, Some(50)).unwrap().used_share(spent(0, 25)), 0.5);
        assert_eq!(budget(100, None, None).unwrap().used_share(spent(0, 25)), 0.25);
    }

    #[test]
    fn an_ad_group_may_not_be_given_more_than_its_campaign_has() {
        let campaign = budget(100, Some(10), Some(80)).unwrap();
        assert_eq!(budget(80, Some(10), Some(80)).unwrap().within(&campaign), Ok(()));
        assert_eq!(budget(50, None, None).unwrap().within(&campaign), Ok(()));
        let violations = budget(90, Some(11), Some(81)).unwrap().within(&campaign).unwrap_err();
        assert_eq!(
            pointers(&violations),
            ["/amount_micros", "/daily_limit_micros", "/lifetime_limit_micros"]
        );
        let euros = Budget::new("EUR".parse().unwrap(), 1, None, None).unwrap();
        assert_eq!(pointers(&euros.within(&campaign).unwrap_err()), ["/currency"]);
    }

    proptest! {
        #[test]
        fn spending_is_admitted_exactly_while_something_remains_today(
            amount in 1..=1_000_i64,
            limits in proptest::option::of((1..=1_000_i64, 1..=1_000_i64)),
            today in 0..=1_200_i64,
            before in 0..=1_200_i64,
        ) {
            let limits = limits.map(|(a, b)| (a.min(b), a.max(b)));
            let budget = budget(amount, limits.map(|(daily, _)| daily), limits.map(|(_, lifetime)| lifetime)).unwrap();
            let spend = spent(today, before + today);
            prop_assert_eq!(budget.admits(spend).is_ok(), budget.remaining_today(spend).micros() > 0);
        }
    }
}
