//! Figures of advertising, and what follows from them.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

use crate::{EventKind, PerformanceEvent};

/// What was counted of some ads over some time. Money is in micros of the account's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// How often ads were shown.
    pub impressions: u64,
    /// How often they were clicked.
    pub clicks: u64,
    /// How often somebody did what the campaign is for.
    pub conversions: u64,
    /// What they cost.
    pub spend_micros: i64,
    /// What they earned.
    pub revenue_micros: i64,
}

impl Metrics {
    /// What one event adds.
    pub fn of(event: &PerformanceEvent) -> Self {
        let count = |kind| u64::from(event.kind == kind);
        Self {
            impressions: count(EventKind::Impression),
            clicks: count(EventKind::Click),
            conversions: count(EventKind::Conversion),
            spend_micros: event.cost_micros,
            revenue_micros: event.revenue_micros,
        }
    }

    /// The sum of all, or nothing where a figure is greater than 64 bits hold.
    pub fn checked_sum(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().try_fold(Self::default(), Self::checked_add)
    }

    /// The sum of both, or nothing where a figure is greater than 64 bits hold.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            impressions: self.impressions.checked_add(other.impressions)?,
            clicks: self.clicks.checked_add(other.clicks)?,
            conversions: self.conversions.checked_add(other.conversions)?,
            spend_micros: self.spend_micros.checked_add(other.spend_micros)?,
            revenue_micros: self.revenue_micros.checked_add(other.revenue_micros)?,
        })
    }

    /// Click-through rate: clicks ÷ impressions.
    pub fn ctr(&self) -> Option<f64> {
        ratio(self.clicks as f64, self.impressions as f64)
    }

    /// Conversion rate: conversions ÷ clicks. Above 1 where many convert without a click.
    pub fn cvr(&self) -> Option<f64> {
        ratio(self.conversions as f64, self.clicks as f64)
    }

    /// Cost per click, in micros, rounded half up.
    pub fn cpc_micros(&self) -> Option<i64> {
        share(self.spend_micros.into(), self.clicks)
    }

    /// Cost per mille: per thousand impressions, in micros, rounded half up.
    pub fn cpm_micros(&self) -> Option<i64> {
        share(i128::from(self.spend_micros) * 1000, self.impressions)
    }

    /// Cost per action: per conversion, in micros, rounded half up.
    pub fn cpa_micros(&self) -> Option<i64> {
        share(self.spend_micros.into(), self.conversions)
    }

    /// Return on ad spend: revenue ÷ spend.
    pub fn roas(&self) -> Option<f64> {
        ratio(self.revenue_micros as f64, self.spend_micros as f64)
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Add for Metrics {
    type Output = Self;

    /// Adds figure by figure; a sum past 64 bits stays at the bound.
    fn add(self, other: Self) -> Self {
        Self {
            impressions: self.impressions.saturating_add(other.impressions),
            clicks: self.clicks.saturating_add(other.clicks),
            conversions: self.conversions.saturating_add(other.conversions),
            spend_micros: self.spend_micros.saturating_add(other.spend_micros),
            revenue_micros: self.revenue_micros.saturating_add(other.revenue_micros),
        }
    }
}

impl AddAssign for Metrics {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Metrics {
    fn sum<I: Iterator<Item = Self>>(figures: I) -> Self {
        figures.fold(Self::default(), Add::add)
    }
}

fn ratio(dividend: f64, divisor: f64) -> Option<f64> {
    (divisor != 0.0).then(|| dividend / divisor)
}

fn share(micros: i128, count: u64) -> Option<i64> {
    let count = i128::from(count);
    let rounded = || (2 * micros + count).div_euclid(2 * count);
    (count != 0).then(|| i64::try_from(rounded()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn metrics() -> impl Strategy<Value = Metrics> {
        (0..1_000_000_u64, 0..100_000_u64, 0..10_000_u64, 0..1_000_000_000_i64, 0..1_000_000_000_i64)
            .prop_map(|(impressions, clicks, conversions, spend_micros, revenue_micros)| Metrics {
                impressions,
                clicks,
                conversions,
                spend_micros,
                revenue_micros,
            })
    }

    #[test]
    fn figures_without_a_divisor_are_absent() {
        let nothing = Metrics::default();
        assert_eq!(
            (
                nothing.ctr(),
                nothing.cvr(),
                nothing.cpc_micros(),
                nothing.cpm_micros(),
                nothing.cpa_micros(),
                nothing.roas()
            ),
            (None, None, None, None, None, None)
        );
    }

    #[test]
    fn a_campaign_of_a_day_has_the_figures_that_a_marketer_computes() {
        let day = Metrics {
            impressions: 10_000,
            clicks: 250,
            conversions: 10,
            spend_micros: 50_000_000,
            revenue_micros: 200_000_000,
        };
        assert_eq!(day.ctr(), Some(0.025));
        assert_eq!(day.cvr(), Some(0.04));
        assert_eq!(day.cpc_micros(), Some(200_000));
        assert_eq!(day.cpm_micros(), Some(5_000_000));
        assert_eq!(day.cpa_micros(), Some(5_000_000));
        assert_eq!(day.roas(), Some(4.0));
    }

    proptest! {
        #[test]
        fn the_order_of_adding_does_not_matter(a in metrics(), b in metrics(), c in metrics()) {
            prop_assert_eq!(a + b, b + a);
            prop_assert_eq!((a + b) + c, a + (b + c));
            prop_assert_eq!([a, b, c].into_iter().sum::<Metrics>(), a + b + c);
        }

        #[test]
        fn cost_per_click_times_clicks_is_the_spend_to_within_rounding(m in metrics()) {
            if let Some(cpc) = m.cpc_micros() {
                let error = (cpc * m.clicks as i64 - m.spend_micros).unsigned_abs();
                prop_assert!(error <= m.clicks.div_ceil(2));
            }
        }
    }
}
