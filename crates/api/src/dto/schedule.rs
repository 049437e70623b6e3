use adstead_domain as domain;
use domain::{RawWindow, Violations, Weekday};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::words;
use crate::input::{Field, FromJson, List, object};

/// When ads may be shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct Schedule {
    /// The first instant.
    start: Timestamp,
    /// The first instant after it.
    #[schema(required)]
    end: Option<Timestamp>,
    /// The IANA zone in which the windows are meant.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// The hours of the week; none for all of them.
    windows: Vec<Window>,
}

/// The same hours on some days of the week.
#[derive(Serialize, ToSchema)]
pub(crate) struct Window {
    /// The days on which it begins.
    #[schema(value_type = Vec<words::Weekday>, example = json!(["fri", "sat"]))]
    days: Vec<String>,
    /// Its first minute, `HH:MM`.
    #[schema(example = "22:00")]
    from: String,
    /// The minute at which it is over, `HH:MM`; on the next day where it is before `from`.
    #[schema(example = "02:00")]
    to: String,
}

impl From<&domain::Schedule> for Schedule {
    fn from(schedule: &domain::Schedule) -> Self {
        Self {
            start: schedule.start(),
            end: schedule.end(),
            time_zone: schedule.zone().name().to_owned(),
            windows: schedule.windows().iter().map(Window::from).collect(),
        }
    }
}

impl From<&domain::Window> for Window {
    fn from(window: &domain::Window) -> Self {
        let RawWindow { days, from, to } = window.into();
        Self { days, from, to }
    }
}

/// When ads may be shown: a flight from `start` to `end`, and hours of the week within it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleInput {
    /// The first instant, RFC 3339.
    #[schema(value_type = String, format = DateTime, required, example = "2026-11-01T00:00:00Z")]
    start: Field<String>,
    /// The first instant after it, RFC 3339; without it the flight has no end.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-01T00:00:00Z")]
    end: Field<String>,
    /// The IANA zone in which the windows are meant; not an offset.
    #[schema(value_type = String, required, example = "Europe/Berlin")]
    time_zone: Field<String>,
    /// Hours of the week to which delivery is confined; without any, every hour counts.
    #[schema(value_type = Option<Vec<WindowInput>>, max_items = 56)]
    windows: Field<List<WindowInput>>,
}

/// The same hours on some days of the week, in civil time. Where `to` is before `from`, the window crosses midnight.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowInput {
    /// The days on which it begins.
    #[schema(value_type = Vec<words::Weekday>, required, min_items = 1, example = json!(["fri", "sat"]))]
    days: Field<List<String>>,
    /// Its first minute, `HH:MM`.
    #[schema(value_type = String, required, example = "22:00")]
    from: Field<String>,
    /// The minute at which it is over, `HH:MM`; `24:00` is the end of the day.
    #[schema(value_type = String, required, example = "02:00")]
    to: Field<String>,
}

impl FromJson for ScheduleInput {
    type Value = domain::Schedule;

    fn from_json(json: Value) -> Result<domain::Schedule, Violations> {
        let (Self { start, end, time_zone, windows }, mut faults) = object::<Self>(json)?;
        // What is missing must not hide what is wrong with the rest: anything that is right stands in for it.
        let start =
            faults.at("/start", start.required()).unwrap_or_else(|| Timestamp::UNIX_EPOCH.to_string());
        let end = faults.at("/end", end.optional()).flatten();
        let zone = faults.at("/time_zone", time_zone.required()).unwrap_or_else(|| "UTC".to_owned());
        let windows = faults.at("/windows", windows.optional()).flatten().unwrap_or_default();
        let schedule = faults.at("", domain::Schedule::parse(&start, end.as_deref(), &zone, &windows));
        faults.finish(|| schedule)
    }
}

impl FromJson for WindowInput {
    type Value = RawWindow;

    fn from_json(json: Value) -> Result<RawWindow, Violations> {
        let (Self { days, from, to }, mut faults) = object::<Self>(json)?;
        let days = faults.at("/days", days.required());
        let from = faults.at("/from", from.required());
        let to = faults.at("/to", to.required());
        let window = RawWindow {
            days: days.unwrap_or_else(|| vec![Weekday::Monday.to_string()]),
            from: from.unwrap_or_else(|| "00:00".to_owned()),
            to: to.unwrap_or_else(|| "24:00".to_owned()),
        };
        faults.at("", domain::Window::parse(&window));
        faults.finish(|| Some(window))
    }
}
