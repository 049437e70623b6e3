//! What the next days may bring, from an ad's own history.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::{Metrics, Violation};

/// An ad's figures of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayFigures {
    /// The day, in the account's zone.
    pub date: Date,
    /// Its figures.
    pub metrics: Metrics,
}

/// What the next days may bring.
#[derive(Debug, Clone, PartialEq)]
pub enum Prediction {
    /// Too few days to say anything.
    TooLittleHistory {
        /// Whole days that there are.
        days_of_history: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A forecast for each of the next days.
    Forecast {
        /// Whole days that it rests on.
        days_of_history: usize,
        /// The next days, in order.
        days: Vec<DayForecast>,
    },
}

/// What one day may bring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayForecast {
    /// The day, in the account's zone.
    pub date: Date,
    /// Impressions.
    pub impressions: Interval,
    /// Clicks.
    pub clicks: Interval,
    /// Spend, in micros of the account's currency.
    pub spend_micros: Interval,
}

/// An expected value, and the bounds between which four days out of five should lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower bound, never below 0.
    pub low: f64,
    /// The expected value.
    pub expected: f64,
    /// The upper bound.
    pub high: f64,
}

/// Whole days of history that a forecast takes: a week has one of each weekday.
pub const MIN_DAYS: usize = 7;
/// The farthest day that is forecast.
pub const MAX_HORIZON_DAYS: u8 = 30;
/// The weight of a new day in exponential smoothing (R. G. Brown, 1956): about a week's memory.
const SMOOTHING: f64 = 0.25;
/// The normal distribution's quantile for bounds that hold four out of five.
const QUANTILE: f64 = 1.2816;

/// Forecasts `horizon_days` days after the last of `history`, whole days in order.
///
/// The expected value is the exponentially smoothed level of the days. The bounds come from the errors that the same
/// method would have made on each past day, and widen with the square root of the distance (simple exponential
/// smoothing as a state-space model, Hyndman et al., *Forecasting with Exponential Smoothing*, 2008, ch. 6).
///
/// # Errors
/// A horizon of no days, or of more than [`MAX_HORIZON_DAYS`].
pub fn predict(history: &[DayFigures], horizon_days: u8) -> Result<Prediction, Violation> {
    if horizon_days == 0 || horizon_days > MAX_HORIZON_DAYS {
        return Err(Violation::invalid(format!(
            "a horizon of {horizon_days} days is out of bounds: ask for 1 to {MAX_HORIZON_DAYS}"
        )));
    }
    let last = match history.last() {
        Some(last) if history.len() >= MIN_DAYS => last.date,
        _ => return Ok(Prediction::TooLittleHistory { days_of_history: history.len(), needed: MIN_DAYS }),
    };
    let model = |figure: fn(&Metrics) -> f64| Level::fit(history.iter().map(|day| figure(&day.metrics)));
    let impressions = model(|day| day.impressions as f64);
    let clicks = model(|day| day.clicks as f64);
    let spend = model(|day| day.spend_micros as f64);
    let forecast = |distance: u8| DayForecast {
        date: last.saturating_add(i64::from(distance).days()),
        impressions: impressions.after(distance),
        clicks: clicks.after(distance),
        spend_micros: spend.after(distance),
    };
    Ok(Prediction::Forecast {
        days_of_history: history.len(),
        days: (1..=horizon_days).map(forecast).collect(),
    })
}

/// The smoothed level of a series and the spread of its one-day-ahead errors.
struct Level {
    level: f64,
    deviation: f64,
}

impl Level {
    fn fit(figures: impl Iterator<Item = f64> + Clone) -> Self {
        let start: Vec<_> = figures.clone().take(MIN_DAYS).collect();
        let mut level = start.iter().sum::<f64>() / start.len() as f64;
        let (mut squares, mut count) = (0.0, 0.0);
        for figure in figures {
            let error = figure - level;
            squares += error * error;
            count += 1.0;
            level += SMOOTHING * error;
        }
        Self { level, deviation: (squares / count).sqrt() }
    }

    fn after(&self, days: u8) -> Interval {
        let distance = f64::from(days - 1);
        let deviation = self.deviation * (1.0 + distance * SMOOTHING * SMOOTHING).sqrt();
        let reach = QUANTILE * deviation;
        Interval { low: (self.level - reach).max(0.0), expected: self.level, high: self.level + reach }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(impressions: &[u64]) -> Vec<DayFigures> {
        let first = jiff::civil::date(2026, 11, 1);
        let day = |(index, &impressions): (usize, &u64)| DayFigures {
            date: first.saturating_add((index as i64).days()),
            metrics: Metrics { impressions, clicks: impressions / 50, ..Metrics::default() },
        };
        impressions.iter().enumerate().map(day).collect()
    }

    #[test]
    fn six_days_are_too_few() {
        let prediction = predict(&history(&[100; 6]), 3).unwrap();
        assert_eq!(prediction, Prediction::TooLittleHistory { days_of_history: 6, needed: 7 });
    }

    #[test]
    fn a_steady_ad_is_forecast_without_doubt() {
        let Prediction::Forecast { days, .. } = predict(&history(&[100; 10]), 2).unwrap() else {
            panic!("no forecast")
        };
        assert_eq!(days[0].date, jiff::civil::date(2026, 11, 11));
        assert_eq!(days[1].impressions, Interval { low: 100.0, expected: 100.0, high: 100.0 });
        assert_eq!(days[1].clicks.expected, 2.0);
    }

    #[test]
    fn bounds_widen_with_distance_and_never_pass_below_zero() {
        let Prediction::Forecast { days, .. } =
            predict(&history(&[0, 900, 10, 700, 0, 400, 3, 999]), 9).unwrap()
        else {
            panic!("no forecast")
        };
        assert!(days.windows(2).all(|pair| pair[0].impressions.high < pair[1].impressions.high));
        assert!(
            days.iter()
                .all(|day| day.impressions.low >= 0.0 && day.impressions.low <= day.impressions.expected)
        );
    }

    #[test]
    fn four_days_of_five_lie_between_the_bounds() {
        // A fixed pseudo-random walk around 1,000 (a linear congruential generator, so that the test repeats).
        let mut state = 7_u64;
        let noisy: Vec<u64> = (0..400)
            .map(|_| {
                let draws = (0..12).map(|_| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) % 100
                });
                400 + draws.sum::<u64>()
            })
            .collect();
        let inside = (50..399)
            .filter(|&day| {
                let Prediction::Forecast { days: next, .. } = predict(&history(&noisy[..day]), 1).unwrap()
                else {
                    return false;
                };
                (next[0].impressions.low..=next[0].impressions.high).contains(&(noisy[day] as f64))
            })
            .count();
        let share = inside as f64 / 349.0;
        assert!((0.72..0.88).contains(&share), "{share}");
    }

    #[test]
    fn a_horizon_out_of_bounds_is_refused() {
        assert!(predict(&history(&[1; 9]), 0).is_err());
        assert!(predict(&history(&[1; 9]), 31).is_err());
    }
}
