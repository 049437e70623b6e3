use std::collections::BTreeMap;

use adstead_domain::report::bucket_start;
use adstead_domain::{AdId, Metrics, PerformanceEvent};
use jiff::Timestamp;

/// What one ad's events of one bucket add up to.
pub(super) struct Figures {
    pub(super) ad_id: AdId,
    pub(super) bucket_start: Timestamp,
    pub(super) sum: Metrics,
}

impl Figures {
    /// The sums of `events`, in the order of the roll-ups' primary key.
    pub(super) fn of(events: &[&PerformanceEvent]) -> Vec<Self> {
        let mut sums: BTreeMap<(AdId, Timestamp), Metrics> = BTreeMap::new();
        for event in events {
            *sums.entry((event.ad_id, bucket_start(event.occurred_at))).or_default() += Metrics::of(event);
        }
        sums.into_iter().map(|((ad_id, bucket_start), sum)| Self { ad_id, bucket_start, sum }).collect()
    }
}
