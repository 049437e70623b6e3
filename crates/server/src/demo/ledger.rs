//! What the sender knows: every event that it sent, and what those add up to.

use std::collections::{BTreeMap, HashSet};

use adstead_domain::{Metrics, Zone};
use anyhow::{Result, ensure};
use jiff::civil::Date;
use serde_json::Value;
use uuid::Uuid;

use super::traffic::Event;
use crate::client::field;

/// Figures by some key.
pub(super) type Figures<K> = BTreeMap<K, Metrics>;

/// Kept while sending, so that a report can be held against it.
pub(super) struct Ledger {
    zone: Zone,
    seen: HashSet<Uuid>,
    pub(super) by_day: Figures<Date>,
    pub(super) by_ad: Figures<Uuid>,
    pub(super) sent: Counts,
}

/// What became of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) accepted: u64,
    pub(super) duplicates: u64,
    pub(super) rejected: u64,
}

impl Ledger {
    /// An empty ledger in the days of `zone`.
    pub(super) fn new(zone: Zone) -> Self {
        let (by_day, by_ad) = (Figures::new(), Figures::new());
        Self { zone, seen: HashSet::new(), by_day, by_ad, sent: Counts::default() }
    }

    /// Notes a batch that is being sent, and answers what should become of it.
    pub(super) fn note(&mut self, batch: &[Event]) -> Counts {
        let mut expected = Counts::default();
        for event in batch {
            if !event.is_valid {
                expected.rejected += 1;
            } else if !self.seen.insert(event.id) {
                expected.duplicates += 1;
            } else {
                expected.accepted += 1;
                let metrics = event.metrics();
                *self.by_day.entry(self.zone.day_of(event.occurred_at)).or_default() += metrics;
                *self.by_ad.entry(event.ad_id).or_default() += metrics;
            }
        }
        self.sent += expected;
        expected
    }

    /// What all counted events add up to.
    pub(super) fn total(&self) -> Metrics {
        self.by_ad.values().copied().sum()
    }
}

impl Counts {
    /// What the server says became of a batch.
    pub(super) fn told(answer: &Value) -> Result<Self> {
        let rejected: Vec<Value> = field(answer, "/rejected")?;
        let rejected = rejected.len() as u64;
        Ok(Self {
            accepted: field(answer, "/accepted")?,
            duplicates: field(answer, "/duplicates")?,
            rejected,
        })
    }

    pub(super) fn all(self) -> u64 {
        self.accepted + self.duplicates + self.rejected
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
    }
}

/// The figures of a row of a report.
pub(super) fn metrics(row: &Value) -> Result<Metrics> {
    Ok(Metrics {
        impressions: field(row, "/impressions")?,
        clicks: field(row, "/clicks")?,
        conversions: field(row, "/conversions")?,
        spend_micros: field(row, "/spend_micros")?,
        revenue_micros: field(row, "/revenue_micros")?,
    })
}

/// Holds the rows of a report against what was sent, `pointer` naming the key of a row.
///
/// # Errors
/// The first row that differs.
pub(super) fn compare<K>(report: &Value, pointer: &str, sent: &Figures<K>) -> Result<()>
where
    K: Ord + std::fmt::Display + serde::de::DeserializeOwned,
{
    let rows: Vec<Value> = field(report, "/rows")?;
    for row in &rows {
        let key: K = field(row, pointer)?;
        let (told, sent) = (metrics(row)?, sent.get(&key).copied().unwrap_or_default());
        ensure!(told == sent, "the report says {told:?} for {key}, and what was sent adds up to {sent:?}");
    }
    ensure!(rows.len() == sent.len(), "the report has {} rows, and {} were expected", rows.len(), sent.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use adstead_domain::Platform;

    use super::*;
    use crate::demo::traffic::{Advertised, Appeal, batches};

    #[test]
    fn two_weeks_are_the_same_each_time_and_hold_what_a_server_must_cope_with() {
        let ad = |n, appeal| Advertised { ad_id: Uuid::from_u128(n), platform: Platform::Google, appeal };
        let ads = [ad(1, Appeal::Strong), ad(2, Appeal::Weak), ad(3, Appeal::Tiring)];
        let zone: Zone = "Europe/Madrid".parse().unwrap();
        let now = "2026-11-23T15:00:00Z".parse().unwrap();
        let ledger = || {
            let mut ledger = Ledger::new(zone.clone());
            for batch in batches(&ads, &zone, now, 7) {
                ledger.note(&batch);
            }
            ledger
        };
        let (first, second) = (ledger(), ledger());
        assert_eq!((first.sent, first.total()), (second.sent, second.total()));
        assert!(first.sent.accepted > 20_000 && first.sent.duplicates > 2_500 && first.sent.rejected > 90);
        assert_eq!(first.by_day.len(), 14);
        let rate = |n| first.by_ad[&Uuid::from_u128(n)].ctr().unwrap();
        assert!(rate(1) > 0.035 && rate(2) < 0.006, "{} {}", rate(1), rate(2));
    }
}
