use std::time::Duration;

use adstead_domain::port;
use serde::Serialize;
use utoipa::ToSchema;

/// How long things took. Quantiles are the ends of the ranges below.
#[derive(Serialize, ToSchema)]
pub(crate) struct Times {
    count: u64,
    mean_ms: f64,
    p50_ms: f64,
    p99_ms: f64,
    longest_ms: f64,
    /// How many took how long, range by range.
    buckets: Vec<Bucket>,
}

/// How many took a time within a range that begins where the one before ends.
#[derive(Serialize, ToSchema)]
pub(crate) struct Bucket {
    /// The end of the range; the last has none.
    #[schema(required)]
    up_to_ms: Option<f64>,
    count: u64,
}

impl From<&port::Durations> for Times {
    fn from(durations: &port::Durations) -> Self {
        let bucket = |port::DurationBucket { up_to, count }| Bucket { up_to_ms: up_to.map(ms), count };
        Self {
            count: durations.count(),
            mean_ms: ms(durations.mean()),
            p50_ms: ms(durations.quantile(0.5)),
            p99_ms: ms(durations.quantile(0.99)),
            longest_ms: ms(durations.longest),
            buckets: durations.buckets.iter().copied().map(bucket).collect(),
        }
    }
}

/// Milliseconds, to the microsecond.
pub(super) fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
