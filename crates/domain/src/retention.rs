//! For how long events are kept, and so how late they may come.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::Violation;

/// For how long an event is kept after it occurred: 7 days to 10 years. While it is kept, whoever sends it again is told
/// apart from whoever sends a new one; what is older is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention(SignedDuration);

impl Retention {
    /// The shortest.
    pub const MIN: Self = Self(SignedDuration::from_hours(24 * 7));
    /// The longest.
    pub const MAX: Self = Self(SignedDuration::from_hours(24 * 3_650));

    /// For how much longer events are kept than taken in, so that none is forgotten while it is on its way.
    const GRACE: SignedDuration = SignedDuration::from_hours(24);

    /// A retention of that length.
    ///
    /// # Errors
    /// A length out of bounds.
    pub fn new(length: SignedDuration) -> Result<Self, Violation> {
        let (least, most) = (Self::MIN, Self::MAX);
        if (least.0..=most.0).contains(&length) {
            return Ok(Self(length));
        }
        let asked = Self(length);
        Err(Violation::invalid(format!("a retention of {asked} is out of bounds: choose {least} to {most}")))
    }

    /// The moment before which events are deleted.
    pub fn expires_before(self, now: Timestamp) -> Timestamp {
        now.saturating_sub(self.0 + Self::GRACE).unwrap_or(Timestamp::MIN)
    }

    /// Which events are taken in, where all of those since `kept_since` are kept.
    pub fn window(self, kept_since: Timestamp, now: Timestamp) -> EventWindow {
        let oldest = now.saturating_sub(self.0).unwrap_or(Timestamp::MIN);
        EventWindow { oldest: oldest.max(kept_since), retention: self }
    }
}

impl Default for Retention {
    /// 90 days.
    fn default() -> Self {
        Self(SignedDuration::from_hours(24 * 90))
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.0.as_hours();
        if hours % 24 == 0 { write!(f, "{} days", hours / 24) } else { write!(f, "{hours} hours") }
    }
}

/// Which events are taken in by their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventWindow {
    oldest: Timestamp,
    retention: Retention,
}

impl EventWindow {
    /// Lets an event pass that is not too old.
    pub(crate) fn check(&self, occurred_at: Timestamp) -> Result<(), Violation> {
        let Self { oldest, retention } = self;
        if occurred_at >= *oldest {
            return Ok(());
        }
        Err(Violation::invalid(format!(
            "occurred_at {occurred_at} is too old: events are kept for {retention}, at present those since {oldest}; \
             send them sooner"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    #[test]
    fn a_retention_has_bounds() {
        assert_eq!(Retention::new(90 * DAY), Ok(Retention::default()));
        assert_eq!(Retention::new(7 * DAY), Ok(Retention::MIN));
        assert_eq!(Retention::new(3_650 * DAY), Ok(Retention::MAX));
        let refused = Retention::new(6 * DAY).unwrap_err();
        assert_eq!(refused.message(), "a retention of 6 days is out of bounds: choose 7 days to 3650 days");
        assert!(Retention::new(3_651 * DAY).is_err());
    }

    #[test]
    fn nothing_that_is_taken_in_is_deleted_within_a_day() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let retention = Retention::default();
        let oldest = now - 90 * DAY;
        let window = retention.window(Timestamp::MIN, now);
        assert_eq!(window.check(oldest), Ok(()));
        assert!(window.check(oldest - SignedDuration::from_micros(1)).is_err());
        assert_eq!(retention.expires_before(now + DAY), oldest);
    }

    #[test]
    fn a_longer_retention_does_not_open_the_time_that_was_deleted() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let kept_since = now - 30 * DAY;
        let window = Retention::MAX.window(kept_since, now);
        assert_eq!(window.check(kept_since), Ok(()));
        assert!(window.check(kept_since - SignedDuration::from_micros(1)).is_err());
    }
}
