//! How long things take, counted without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_domain::port::{DurationBucket, Durations};

/// Counts durations by the ranges that [`Durations::BOUNDS`] divide.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    counts: [AtomicU64; Durations::BOUNDS.len() + 1],
    total_ns: AtomicU64,
    longest_ns: AtomicU64,
}

impl Histogram {
    pub(crate) fn add(&self, time: Duration) {
        let range = Durations::BOUNDS.partition_point(|bound| *bound < time);
        let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.counts[range].fetch_add(1, Ordering::Relaxed);
        self.total_ns.fetch_add(ns, Ordering::Relaxed);
        if ns > self.longest_ns.load(Ordering::Relaxed) {
            self.longest_ns.fetch_max(ns, Ordering::Relaxed);
        }
    }

    /// What was counted; durations that end while this is read may be in it or not.
    pub(crate) fn snapshot(&self) -> Durations {
        let bounds = Durations::BOUNDS.into_iter().map(Some).chain([None]);
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        Durations {
            total: Duration::from_nanos(self.total_ns.load(Ordering::Relaxed)),
            longest: Duration::from_nanos(self.longest_ns.load(Ordering::Relaxed)),
            buckets: bounds.zip(counts).map(|(up_to, count)| DurationBucket { up_to, count }).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_counted_in_the_range_that_ends_with_it() {
        let histogram = Histogram::default();
        let (first, last) = (Durations::BOUNDS[0], Durations::BOUNDS[Durations::BOUNDS.len() - 1]);
        for time in [Duration::ZERO, first, first + Duration::from_nanos(1), last + Duration::from_nanos(1)] {
            histogram.add(time);
        }
        let counted = histogram.snapshot();
        let counts: Vec<_> = counted.buckets.iter().map(|bucket| bucket.count).collect();
        assert_eq!((counts[0], counts[1], counts.last(), counted.count()), (2, 1, Some(&1), 4));
        assert_eq!(counted.longest, last + Duration::from_nanos(1));
        assert_eq!(counted.total, first * 2 + last + Duration::from_nanos(2));
    }
}
