use std::borrow::Cow;

use adstead_application::events::RecordedEvents;
use adstead_domain as domain;
use domain::{AdId, Country, Device, EventId, EventKind, PerformanceEvent, Placement, Violations};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::words;
use crate::input::{Field, FromJson, Instant, object};

/// One thing that happened to one ad. An event whose `id` was sent before is a duplicate and counts once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Event)]
pub(crate) struct EventInput {
    /// Chosen by you: an event with the same id is the same event.
    #[schema(value_type = Uuid, required)]
    id: Field<EventId>,
    #[schema(value_type = words::EventKind, required)]
    kind: Field<EventKind>,
    /// One of the account's ads.
    #[schema(value_type = Uuid, required)]
    ad_id: Field<AdId>,
    /// Not more than five minutes ahead, and not longer ago than events are kept (90 days unless set otherwise).
    #[schema(value_type = String, format = DateTime, required, example = "2026-11-01T09:00:00Z")]
    occurred_at: Field<Instant>,
    /// What it cost, in micros of the account's currency.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000_000_i64, default = 0)]
    cost_micros: Field<i64>,
    /// What it earned, in micros of the account's currency.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000_000_i64, default = 0)]
    revenue_micros: Field<i64>,
    /// ISO 3166-1 alpha-2.
    #[schema(value_type = Option<String>, min_length = 2, max_length = 2, example = "US")]
    country: Field<Country>,
    #[schema(value_type = Option<words::Device>)]
    device: Field<Device>,
    /// The place on the platform, in its own words.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "feed")]
    placement: Field<Placement>,
}

impl FromJson for EventInput {
    type Value = PerformanceEvent;

    fn from_json(json: Value) -> Result<PerformanceEvent, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { id, kind, ad_id, occurred_at, cost_micros, revenue_micros, country, device, placement } =
            fields;
        let id = faults.at("/id", id.required());
        let kind = faults.at("/kind", kind.required());
        let ad_id = faults.at("/ad_id", ad_id.required());
        let occurred_at = faults.at("/occurred_at", occurred_at.required());
        let cost = faults.at("/cost_micros", cost_micros.optional());
        let revenue = faults.at("/revenue_micros", revenue_micros.optional());
        let country = faults.at("/country", country.optional());
        let device = faults.at("/device", device.optional());
        let placement = faults.at("/placement", placement.optional());
        faults.finish(|| {
            Some(PerformanceEvent {
                id: id?,
                kind: kind?,
                ad_id: ad_id?,
                occurred_at: occurred_at?.0,
                cost_micros: cost?.unwrap_or_default(),
                revenue_micros: revenue?.unwrap_or_default(),
                country: country?,
                device: device?,
                placement: placement?,
            })
        })
    }
}

/// An event without a fault, which is nearly every one: read in a single pass, with no word of what is wrong otherwise.
/// What this refuses is judged by [`EventInput`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlainEvent<'a> {
    id: EventId,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    ad_id: AdId,
    occurred_at: Timestamp,
    cost_micros: Option<i64>,
    revenue_micros: Option<i64>,
    #[serde(borrow)]
    country: Option<Cow<'a, str>>,
    #[serde(borrow)]
    device: Option<Cow<'a, str>>,
    #[serde(borrow)]
    placement: Option<Cow<'a, str>>,
}

impl PlainEvent<'_> {
    /// The event, unless something is wrong with it.
    pub(crate) fn event(self) -> Option<PerformanceEvent> {
        let Self { id, kind, ad_id, occurred_at, cost_micros, revenue_micros, country, device, placement } =
            self;
        Some(PerformanceEvent {
            id,
            kind: kind.parse().ok()?,
            ad_id,
            occurred_at,
            cost_micros: cost_micros.unwrap_or_default(),
            revenue_micros: revenue_micros.unwrap_or_default(),
            country: country.map(|code| code.parse()).transpose().ok()?,
            device: device.map(|word| word.parse()).transpose().ok()?,
            placement: placement.map(|text| text.parse()).transpose().ok()?,
        })
    }
}

/// Events that are sent together.
#[derive(ToSchema)]
#[schema(as = Events)]
#[expect(dead_code, reason = "the document is made from it; the events are read one by one, as `EventInput`")]
pub(crate) struct EventsInput {
    #[schema(max_items = 5000)]
    events: Vec<EventInput>,
}

/// What became of the events. Those that were accepted are durable.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventsReport {
    /// How many were counted now.
    accepted: usize,
    /// How many had been counted before.
    duplicates: usize,
    /// Which count nowhere, and why.
    rejected: Vec<RejectedEvent>,
}

/// An event that counts nowhere.
#[derive(Serialize, ToSchema)]
pub(crate) struct RejectedEvent {
    /// Its position among those that were sent, from 0.
    index: usize,
    /// All that is wrong with it.
    reason: String,
}

impl From<RecordedEvents> for EventsReport {
    fn from(recorded: RecordedEvents) -> Self {
        let RecordedEvents { accepted, duplicates, rejected } = recorded;
        let rejected = rejected.into_iter().map(|(index, reason)| RejectedEvent { index, reason }).collect();
        Self { accepted, duplicates, rejected }
    }
}

/// An event that was sent and counts nowhere.
#[derive(Serialize, ToSchema)]
#[schema(as = RejectedEventOnRecord)]
pub(crate) struct KeptRejection {
    /// When it was last received.
    received_at: Timestamp,
    /// All that is wrong with it.
    reason: String,
    /// What was sent, cut at 4 KiB.
    #[schema(example = "{\"id\": 1}")]
    payload: String,
    /// The SHA-256 of all that was sent, 64 hexadecimal digits: the same event sent again is listed once.
    digest: String,
}

impl From<domain::KeptRejection> for KeptRejection {
    fn from(kept: domain::KeptRejection) -> Self {
        let domain::KeptRejection { event: domain::RejectedEvent { payload, digest, reason }, received_at } =
            kept;
        Self { received_at, reason, payload, digest: digest.to_string() }
    }
}
