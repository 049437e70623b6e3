//! Two weeks of performance events, made from a seed, with the faults of real senders: some events come twice, some are
//! invalid.

use adstead_domain::{Device, EventKind, Metrics, Platform, Zone};
use jiff::{Timestamp, ToSpan};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use uuid::Uuid;

/// The days that events come from, today included.
const DAYS: i64 = 14;
/// Impressions of one ad on one usual day.
const DAILY_IMPRESSIONS: f64 = 640.0;
/// Events of one request.
const BATCH: usize = 2_500;
/// One in so many events is sent once more by itself.
const SENT_TWICE: usize = 90;
/// One in so many is joined by an invalid one.
const INVALID: usize = 240;
/// One in so many batches is sent once more as a whole, as a sender does who missed the answer.
const BATCH_SENT_TWICE: usize = 9;
/// How busy each hour of a day is.
const HOURS: [u32; 24] =
    [4, 2, 1, 1, 1, 2, 5, 9, 12, 11, 10, 11, 14, 13, 11, 10, 11, 13, 16, 19, 21, 18, 12, 7];

/// How people take to an ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Appeal {
    /// Better than most.
    Strong,
    /// Like most.
    Usual,
    /// Hardly anybody clicks.
    Weak,
    /// People liked it until they had seen it too often.
    Tiring,
}

impl Appeal {
    /// The share of those who see the ad on a day, counted from 0, and click.
    fn click_through_rate(self, day: i64) -> f64 {
        match self {
            Self::Strong => 0.042,
            Self::Usual => 0.026,
            Self::Weak => 0.004,
            Self::Tiring if day < DAYS / 2 => 0.038,
            Self::Tiring => 0.012,
        }
    }
}

/// An ad that events are made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Advertised {
    pub(super) ad_id: Uuid,
    pub(super) platform: Platform,
    pub(super) appeal: Appeal,
}

/// An event as it is sent.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Event {
    pub(super) id: Uuid,
    pub(super) kind: EventKind,
    pub(super) ad_id: Uuid,
    pub(super) occurred_at: Timestamp,
    cost_micros: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue_micros: Option<i64>,
    country: &'static str,
    device: Device,
    placement: &'static str,
    /// Whether the server should count it.
    #[serde(skip)]
    pub(super) is_valid: bool,
}

impl Event {
    /// What it adds to a report.
    pub(super) fn metrics(&self) -> Metrics {
        let count = |kind| u64::from(self.kind == kind);
        Metrics {
            impressions: count(EventKind::Impression),
            clicks: count(EventKind::Click),
            conversions: count(EventKind::Conversion),
            spend_micros: self.cost_micros,
            revenue_micros: self.revenue_micros.unwrap_or(0),
        }
    }
}

/// The batches of two weeks up to `now`, in the order in which they are to be sent.
pub(super) fn batches(ads: &[Advertised], zone: &Zone, now: Timestamp, seed: u64) -> Vec<Vec<Event>> {
    let mut traffic = Traffic { random: StdRng::seed_from_u64(seed), now, events: Vec::new() };
    let first_day = zone.day_of(now).saturating_sub((DAYS - 1).days());
    for (day, date) in first_day.series(1.day()).take(DAYS as usize).enumerate() {
        let (midnight, _) = zone.day_bounds(date);
        for ad in ads {
            traffic.day_of(ad, day as i64, midnight);
        }
    }
    traffic.events.sort_by_key(|event| event.occurred_at);
    let sent = traffic.sent_with_faults();
    let mut batches = Vec::new();
    for (index, batch) in sent.chunks(BATCH).enumerate() {
        batches.push(batch.to_vec());
        if index % BATCH_SENT_TWICE == 1 {
            batches.push(batch.to_vec());
        }
    }
    batches
}

struct Traffic {
    random: StdRng,
    now: Timestamp,
    events: Vec<Event>,
}

impl Traffic {
    fn day_of(&mut self, ad: &Advertised, day: i64, midnight: Timestamp) {
        let impressions = (DAILY_IMPRESSIONS * self.random.random_range(0.85..1.15)) as usize;
        for _ in 0..impressions {
            let seen = midnight + self.time_of_day();
            if seen >= self.now {
                continue;
            }
            let impression = self.event(ad, EventKind::Impression, seen);
            self.events.push(impression);
            if self.random.random_bool(ad.appeal.click_through_rate(day)) {
                let clicked = seen + self.seconds(2, 40);
                self.click(ad, clicked);
            }
        }
    }

    fn click(&mut self, ad: &Advertised, at: Timestamp) {
        if at >= self.now {
            return;
        }
        let click = self.event(ad, EventKind::Click, at);
        self.events.push(click);
        let converted_at = at + self.seconds(60, 36 * 3600);
        if self.random.random_bool(0.07) && converted_at < self.now {
            let conversion = self.event(ad, EventKind::Conversion, converted_at);
            self.events.push(conversion);
        }
    }

    fn event(&mut self, ad: &Advertised, kind: EventKind, occurred_at: Timestamp) -> Event {
        let random = &mut self.random;
        // Search is paid by the click, the feed by the thousand impressions.
        let cost_micros = match (ad.platform, kind) {
            (Platform::Google, EventKind::Click) => random.random_range(220_000..580_000),
            (Platform::Facebook, EventKind::Impression) => random.random_range(4_000..9_500),
            _ => 0,
        };
        let revenue_micros =
            (kind == EventKind::Conversion).then(|| random.random_range(12_000_000..65_000_000));
        let (countries, placement): (&[_], _) = match ad.platform {
            Platform::Google => (&["GB", "GB", "IE", "US"], "search_top"),
            _ => (&["ES", "ES", "MX", "AR"], "feed"),
        };
        let devices = [Device::Mobile, Device::Mobile, Device::Mobile, Device::Desktop, Device::Tablet];
        Event {
            id: uuid::Builder::from_random_bytes(random.random()).into_uuid(),
            kind,
            ad_id: ad.ad_id,
            occurred_at,
            cost_micros,
            revenue_micros,
            country: countries.choose(random).expect("there are countries"),
            device: *devices.choose(random).expect("there are devices"),
            placement,
            is_valid: true,
        }
    }

    /// The events with some repeated later on, and some invalid ones in between.
    fn sent_with_faults(mut self) -> Vec<Event> {
        let mut sent: Vec<Event> = Vec::with_capacity(self.events.len() * 51 / 50);
        for (index, event) in std::mem::take(&mut self.events).into_iter().enumerate() {
            if index % INVALID == 1 {
                sent.push(self.invalid(&event, index / INVALID));
            }
            if index % SENT_TWICE == 1 {
                let earlier = self.random.random_range(0..sent.len());
                let again = sent[earlier].clone();
                sent.push(again);
            }
            sent.push(event);
        }
        sent
    }

    /// An event like `event` that must not count.
    fn invalid(&mut self, event: &Event, fault: usize) -> Event {
        let id = uuid::Builder::from_random_bytes(self.random.random()).into_uuid();
        let invalid = Event { id, is_valid: false, ..event.clone() };
        match fault % 3 {
            0 => Event { ad_id: id, ..invalid },
            1 => Event { occurred_at: self.now + 24.hours(), ..invalid },
            _ => Event { cost_micros: -1, ..invalid },
        }
    }

    fn time_of_day(&mut self) -> jiff::SignedDuration {
        let mut left = self.random.random_range(0..HOURS.iter().sum());
        let hour = HOURS.iter().position(|&share| {
            let is_here = left < share;
            left = left.saturating_sub(share);
            is_here
        });
        let hour = hour.expect("the shares add up to what was drawn from") as i64;
        jiff::SignedDuration::from_millis(hour * 3_600_000 + self.random.random_range(0..3_600_000))
    }

    fn seconds(&mut self, least: i64, most: i64) -> jiff::SignedDuration {
        jiff::SignedDuration::from_millis(self.random.random_range(least * 1000..most * 1000))
    }
}
