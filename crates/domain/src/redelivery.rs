//! When a message is delivered again that could not be delivered.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::Violation;

/// When a message is delivered again that could not be delivered: each wait is twice the one before, and after so many
/// attempts it is put aside as a dead letter.
///
/// ```
/// use std::time::Duration;
///
/// use adstead_domain::Redelivery;
///
/// let redelivery = Redelivery::new(Duration::from_secs(5), Duration::from_secs(60), 10)?;
/// let waits: Vec<_> = (1..=10).map(|attempts| redelivery.wait(attempts).map(|wait| wait.as_secs())).collect();
/// assert_eq!(waits[..6], [5, 10, 20, 40, 60, 60].map(Some));
/// assert_eq!(waits[9], None);
/// # Ok::<_, adstead_domain::Violation>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redelivery {
    first_wait: Duration,
    longest_wait: Duration,
    max_attempts: u32,
}

impl Redelivery {
    /// The longest wait that is granted to whoever asks for one: a day.
    pub const LONGEST_ASKED_FOR: Duration = Duration::from_secs(24 * 3_600);

    /// Waits from `first_wait` to `longest_wait`, between `max_attempts` attempts.
    ///
    /// # Errors
    /// No attempt at all; a first wait that is longer than the longest.
    pub fn new(first_wait: Duration, longest_wait: Duration, max_attempts: u32) -> Result<Self, Violation> {
        if max_attempts == 0 {
            return Err(Violation::invalid("a message is delivered in no attempt: allow one at least"));
        }
        if first_wait > longest_wait {
            return Err(Violation::invalid(format!(
                "the first wait of {} s is longer than the longest of {} s: lower it",
                first_wait.as_secs(),
                longest_wait.as_secs()
            )));
        }
        Ok(Self { first_wait, longest_wait, max_attempts })
    }

    /// The wait after so many attempts, from 1; nothing where the last was made.
    pub fn wait(self, attempts: u32) -> Option<Duration> {
        if attempts >= self.max_attempts {
            return None;
        }
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        Some(self.first_wait.saturating_mul(doubled).min(self.longest_wait))
    }

    /// When the next attempt is made after so many that failed, the last now, where whoever refused it asked for a wait
    /// of `asked_for`, which is granted up to [`LONGEST_ASKED_FOR`](Self::LONGEST_ASKED_FOR); nothing where the last was made.
    pub fn next(self, attempts: u32, asked_for: Option<Duration>, now: Timestamp) -> Option<Timestamp> {
        let asked_for = asked_for.unwrap_or_default().min(Self::LONGEST_ASKED_FOR);
        let wait = self.wait(attempts)?.max(asked_for);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        Some(now.saturating_add(wait).unwrap_or(Timestamp::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn whoever_asks_for_a_longer_wait_gets_it() {
        let redelivery = Redelivery::new(SECOND, 60 * SECOND, 3).unwrap();
        let next = |asked_for| redelivery.next(1, asked_for, Timestamp::UNIX_EPOCH).map(Timestamp::as_second);
        assert_eq!(next(None), Some(1));
        assert_eq!(next(Some(SECOND / 2)), Some(1));
        assert_eq!(next(Some(3_600 * SECOND)), Some(3_600));
        assert_eq!(next(Some(Duration::MAX)), Some(24 * 3_600), "nobody holds a message up for ever");
        assert_eq!(redelivery.next(3, Some(SECOND), Timestamp::UNIX_EPOCH), None, "it was the last attempt");
    }

    #[test]
    fn no_number_of_attempts_overflows() {
        let redelivery = Redelivery::new(SECOND, Duration::MAX, u32::MAX).unwrap();
        assert!(redelivery.next(u32::MAX - 1, None, Timestamp::MAX).is_some());
    }

    #[test]
    fn attempts_and_waits_are_within_reason() {
        assert!(Redelivery::new(SECOND, SECOND, 0).is_err());
        assert!(Redelivery::new(2 * SECOND, SECOND, 1).is_err());
    }
}
