use std::str::FromStr;

use adstead_application::reports::AdPrediction;
use adstead_domain as domain;
use domain::prediction::{DayForecast, MAX_HORIZON_DAYS, MIN_DAYS};
use domain::{Violation, Violations};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::input::{Field, FromJson, excerpt, object};

/// What the next days of an ad may bring, from its own history.
#[derive(Serialize, ToSchema)]
pub(crate) struct Prediction {
    /// Whether there is enough history to say anything.
    enough_data: bool,
    /// Whole days up to yesterday, from the first with a figure on.
    days_of_history: usize,
    /// How many of them it takes.
    days_needed: usize,
    /// A forecast for each of the next days; empty where there is too little history.
    forecast: Vec<Day>,
    /// When the figures that it rests on were read: as long ago as `Age` says.
    computed_at: Timestamp,
}

/// What one day may bring.
#[derive(Serialize, ToSchema)]
#[schema(as = ForecastDay)]
pub(crate) struct Day {
    /// The day, in the account's zone.
    #[schema(value_type = String, format = Date)]
    date: Date,
    impressions: Interval,
    clicks: Interval,
    /// In micros of the account's currency.
    spend_micros: Interval,
}

/// An expected value, and the bounds between which four days out of five should lie.
#[derive(Serialize, ToSchema)]
pub(crate) struct Interval {
    low: f64,
    expected: f64,
    high: f64,
}

impl From<AdPrediction> for Prediction {
    fn from(forecast: AdPrediction) -> Self {
        let AdPrediction { prediction, computed_at } = forecast;
        match prediction {
            domain::Prediction::TooLittleHistory { days_of_history, needed } => Self {
                enough_data: false,
                days_of_history,
                days_needed: needed,
                forecast: Vec::new(),
                computed_at,
            },
            domain::Prediction::Forecast { days_of_history, days } => Self {
                enough_data: true,
                days_of_history,
                days_needed: MIN_DAYS,
                forecast: days.into_iter().map(Day::from).collect(),
                computed_at,
            },
        }
    }
}

impl From<DayForecast> for Day {
    fn from(day: DayForecast) -> Self {
        let DayForecast { date, impressions, clicks, spend_micros } = day;
        Self {
            date,
            impressions: impressions.into(),
            clicks: clicks.into(),
            spend_micros: spend_micros.into(),
        }
    }
}

impl From<domain::prediction::Interval> for Interval {
    fn from(interval: domain::prediction::Interval) -> Self {
        let domain::prediction::Interval { low, expected, high } = interval;
        Self { low, expected, high }
    }
}

/// How far ahead.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PredictionParams {
    /// How many days, from today on.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 30, default = 7)]
    horizon_days: Field<Horizon>,
}

impl FromJson for PredictionParams {
    type Value = u8;

    fn from_json(json: Value) -> Result<u8, Violations> {
        const WEEK: u8 = 7;
        let (Self { horizon_days }, mut faults) = object::<Self>(json)?;
        let horizon = faults.at("/horizon_days", horizon_days.optional());
        faults.finish(|| Some(horizon?.map_or(WEEK, |Horizon(days)| days)))
    }
}

/// A number of days; whether it is a sensible one is for the domain to say.
pub(crate) struct Horizon(u8);

impl FromStr for Horizon {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        text.parse().map(Self).map_err(|_| {
            Violation::invalid(format!(
                "{} is no horizon: ask for 1 to {MAX_HORIZON_DAYS} days",
                excerpt(text)
            ))
        })
    }
}
