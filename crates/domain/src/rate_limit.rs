use std::num::NonZeroU32;
use std::time::Duration;

/// How many calls may be made in a time: all of them at once, and then one each time that its share of the time has passed.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
///
/// use adstead_domain::RateLimit;
///
/// let limit = RateLimit::per_minute(NonZeroU32::new(120).unwrap());
/// assert_eq!(limit.share(), Duration::from_millis(500));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// How many calls.
    pub calls: NonZeroU32,
    /// In how much time; 1 µs for each call at least, or that counts.
    pub per: Duration,
}

impl RateLimit {
    /// So many calls a minute.
    pub const fn per_minute(calls: NonZeroU32) -> Self {
        Self { calls, per: Duration::from_secs(60) }
    }

    /// The time after which one more call may be made: in whole microseconds, one at least.
    pub fn share(self) -> Duration {
        let micros = (self.per / self.calls.get()).as_micros();
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX).max(1))
    }
}
