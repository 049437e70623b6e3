use std::marker::PhantomData;
use std::str::FromStr;

use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    AdGroupId, AdId, AdStatus, AdType, AssetId, AssetName, Cadence, CampaignId, CampaignStatus, Channel,
    ContentType, Country, Currency, Device, Email, EventId, EventKind, Faults, FinalUrl, GenerationId,
    Language, LineLength, Objective, OccurrencePattern, Platform, Task, Text, TimeOfDay, UserId, Violation,
    Violations, WebhookUrl, Zone,
};
use jiff::Timestamp;
use serde_json::Value;

use super::FromJson;
use crate::dto::prediction::Horizon;
use crate::dto::report::ReportEnd;
use crate::paging::Limit;

/// Whatever is written as text is parsed by the domain.
fn parsed<T: FromStr<Err = Violation>>(json: Value) -> Result<T, Violations> {
    match json {
        Value::String(text) => text.parse().map_err(Violations::from),
        other => Err(wrong_type(&other, "a string").into()),
    }
}

macro_rules! written_as_text {
    ($($value:ty),+ $(,)?) => {$(
        impl FromJson for $value {
            type Value = Self;

            fn from_json(json: Value) -> Result<Self, Violations> {
                parsed(json)
            }
        }
    )+};
}

written_as_text!(CampaignId, AdGroupId, AdId, AssetId, EventId, GenerationId, UserId);
written_as_text!(
    Objective,
    Platform,
    AdType,
    CampaignStatus,
    AdStatus,
    EventKind,
    Device,
    LineLength,
    Task,
    Granularity,
    GroupBy
);
written_as_text!(Currency, Language, Country, FinalUrl, AssetName, ContentType);
written_as_text!(Instant, ReportEnd, Horizon, Limit);
written_as_text!(Cadence, Channel, Email, OccurrencePattern, TimeOfDay, WebhookUrl, Zone);

impl<const MAX: usize> FromJson for Text<MAX> {
    type Value = Self;

    fn from_json(json: Value) -> Result<Self, Violations> {
        parsed(json)
    }
}

/// Text that the domain judges later.
impl FromJson for String {
    type Value = Self;

    fn from_json(json: Value) -> Result<Self, Violations> {
        match json {
            Value::String(text) => Ok(text),
            other => Err(wrong_type(&other, "a string").into()),
        }
    }
}

impl FromJson for i64 {
    type Value = Self;

    fn from_json(json: Value) -> Result<Self, Violations> {
        json.as_i64().ok_or_else(|| wrong_type(&json, "a whole number of at most 64 bits").into())
    }
}

/// A position in a list, from 0.
impl FromJson for bool {
    type Value = Self;

    fn from_json(json: Value) -> Result<Self, Violations> {
        json.as_bool().ok_or_else(|| wrong_type(&json, "true or false").into())
    }
}

impl FromJson for usize {
    type Value = Self;

    fn from_json(json: Value) -> Result<Self, Violations> {
        let position = json.as_u64().and_then(|position| position.try_into().ok());
        position.ok_or_else(|| wrong_type(&json, "a position, counted from 0").into())
    }
}

/// A list of things of one shape.
pub(crate) struct List<T>(PhantomData<T>);

impl<T: FromJson> FromJson for List<T> {
    type Value = Vec<T::Value>;

    fn from_json(json: Value) -> Result<Self::Value, Violations> {
        let Value::Array(items) = json else { return Err(wrong_type(&json, "a list").into()) };
        let mut faults = Faults::default();
        let read = |(index, item)| faults.at(&format!("/{index}"), T::from_json(item));
        let items: Vec<_> = items.into_iter().enumerate().filter_map(read).collect();
        faults.finish(|| Some(items))
    }
}

/// An instant, in RFC 3339 with any offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant(pub(crate) Timestamp);

impl FromStr for Instant {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        text.parse().map(Self).map_err(|_| {
            let message =
                format!("{} is not an instant: write RFC 3339, such as 2026-11-01T09:00:00Z", excerpt(text));
            Violation::invalid(message)
        })
    }
}

/// A fault for a value of another type than is wanted.
pub(crate) fn wrong_type(json: &Value, wanted: &str) -> Violation {
    let is = match json {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the string {}", excerpt(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    Violation::invalid(format!("is {is}: write {wanted}"))
}

/// Foreign text in quotes, never longer than a person would read.
pub(crate) fn excerpt(text: &str) -> String {
    const READABLE: usize = 60;
    match text.char_indices().nth(READABLE) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
    }
}
