use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long things took: how many fell into each range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durations {
    /// All of them together.
    pub total: Duration,
    /// The longest.
    pub longest: Duration,
    /// The ranges, from short to long.
    pub buckets: Vec<DurationBucket>,
}

/// How many things took a time within a range that begins where the one before ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DurationBucket {
    /// The end of the range, which belongs to it; the last range has none.
    pub up_to: Option<Duration>,
    /// How many.
    pub count: u64,
}

impl Durations {
    /// Where the ranges end: from 50 µs to 10 s, in steps of 1, 2 and 5 as far as they tell fast from slow.
    pub const BOUNDS: [Duration; 14] = [
        Duration::from_micros(50),
        Duration::from_micros(100),
        Duration::from_micros(250),
        Duration::from_micros(500),
        Duration::from_millis(1),
        Duration::from_micros(2500),
        Duration::from_millis(5),
        Duration::from_millis(10),
        Duration::from_millis(25),
        Duration::from_millis(50),
        Duration::from_millis(100),
        Duration::from_millis(500),
        Duration::from_secs(2),
        Duration::from_secs(10),
    ];

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.count).sum()
    }

    /// The mean; zero where there were none.
    pub fn mean(&self) -> Duration {
        self.total.checked_div(u32::try_from(self.count()).unwrap_or(u32::MAX)).unwrap_or_default()
    }

    /// The time that a share of them, from 0 to 1, did not exceed: the end of the range in which that falls, or the
    /// longest where that is shorter. Zero where there were none.
    pub fn quantile(&self, share: f64) -> Duration {
        let rank = (self.count() as f64 * share).ceil() as u64;
        let mut passed = 0;
        let reached = |bucket: &&DurationBucket| {
            passed += bucket.count;
            passed >= rank
        };
        let end = self.buckets.iter().find(reached).and_then(|bucket| bucket.up_to);
        end.unwrap_or(self.longest).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(counts: &[(u64, u64)]) -> Durations {
        let bucket = |&(ms, count)| DurationBucket { up_to: Some(Duration::from_millis(ms)), count };
        Durations {
            total: Duration::from_millis(90),
            longest: Duration::from_millis(9),
            buckets: counts.iter().map(bucket).collect(),
        }
    }

    #[test]
    fn a_quantile_is_the_end_of_its_range_and_never_past_the_longest() {
        let durations = counted(&[(1, 90), (5, 9), (10, 1)]);
        let ms = |share| durations.quantile(share).as_millis();
        assert_eq!((ms(0.5), ms(0.9), ms(0.99), ms(1.0)), (1, 1, 5, 9));
        assert_eq!((durations.count(), durations.mean()), (100, Duration::from_micros(900)));
    }

    #[test]
    fn of_nothing_all_is_zero() {
        let nothing = Durations::default();
        assert_eq!((nothing.quantile(0.5), nothing.mean()), (Duration::ZERO, Duration::ZERO));
    }
}
