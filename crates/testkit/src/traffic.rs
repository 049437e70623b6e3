//! Events in bulk, as senders make them: ids of the moment (UUIDv7), in nearly the order of time.

use adstead_domain::{AdId, Device, EventId, EventKind, PerformanceEvent};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::build;

/// Makes events, the same in each run.
#[derive(Debug, Clone)]
pub struct Traffic {
    ads: Vec<AdId>,
    now: Timestamp,
    step: SignedDuration,
    late_micros: i64,
    random: u64,
}

impl Traffic {
    /// 1,000 events a second about 200 ads from `start` on, each sent up to a minute after it happened and got its id: so
    /// the ids of what is sent one after the other overlap, as they do where there are many senders.
    pub fn busy(start: Timestamp) -> Self {
        let ads = (0..200).map(|_| AdId::new(build::id())).collect();
        Self { late_micros: 60_000_000, ..Self::of(ads, start, SignedDuration::from_millis(1)) }
    }

    /// One event each `step` about one of `ads`, from `start` on.
    pub fn of(ads: Vec<AdId>, start: Timestamp, step: SignedDuration) -> Self {
        Self { ads, now: start, step, late_micros: 1, random: 0x9e37_79b9_7f4a_7c15 }
    }

    /// The next events.
    pub fn events(&mut self, count: usize) -> Vec<PerformanceEvent> {
        (0..count).map(|_| self.event()).collect()
    }

    fn event(&mut self) -> PerformanceEvent {
        self.now += self.step;
        let dice = self.random();
        let late = (self.random() >> 1).cast_signed() % self.late_micros;
        let occurred_at = self.now - SignedDuration::from_micros(late);
        let kind = match dice % 100 {
            0..=1 => EventKind::Conversion,
            2..=9 => EventKind::Click,
            _ => EventKind::Impression,
        };
        PerformanceEvent {
            id: EventId::new(self.id(occurred_at)),
            kind,
            ad_id: self.ads[(dice >> 32) as usize % self.ads.len()],
            occurred_at,
            cost_micros: (dice >> 8) as i64 % 5_000,
            revenue_micros: if kind == EventKind::Conversion { 4_000_000 } else { 0 },
            country: Some(build::parsed(["US", "DE", "PT", "JP"][(dice >> 16) as usize % 4])),
            device: Some(Device::Mobile),
            placement: (dice >> 20).is_multiple_of(2).then(|| build::parsed("search_top")),
        }
    }

    fn id(&mut self, made_at: Timestamp) -> Uuid {
        let millisecond = made_at.as_millisecond().try_into().expect("after 1970");
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.random().to_be_bytes());
        random[8..].copy_from_slice(&self.random().to_be_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(millisecond, &random).into_uuid()
    }

    /// Marsaglia's xorshift64* (<https://doi.org/10.18637/jss.v008.i14>).
    fn random(&mut self) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        self.random.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}
