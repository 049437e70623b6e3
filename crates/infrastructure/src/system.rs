//! Time, ids and secrets, from the system that Adstead runs on: the only place that asks for them directly.

use adstead_domain::port::{Clock, Entropy, IdGenerator};
use jiff::{Timestamp, Unit};
use rand::TryRng;
use rand::rngs::SysRng;
use uuid::Uuid;

/// The system's clock, in whole microseconds: what the database stores, so that what is read back equals what was
/// written.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the `Clock` that everybody else asks")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.round(jiff::TimestampRound::new().smallest(Unit::Microsecond).mode(jiff::RoundMode::Trunc))
            .expect("cutting off nanoseconds stays inside jiff's range")
    }
}

/// Ids that sort by the time at which they were made (UUIDv7, RFC 9562). In one process each is greater than the last:
/// the `uuid` crate counts within a millisecond (RFC 9562, section 6.2, method 1).
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidV7;

impl IdGenerator for UuidV7 {
    #[expect(clippy::disallowed_methods, reason = "this is the `IdGenerator` that everybody else asks")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Random bytes of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// # Panics
    /// Where the operating system has no randomness to give: no secret may be made then.
    fn fill(&self, bytes: &mut [u8]) {
        SysRng.try_fill_bytes(bytes).expect("the operating system gives random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_has_no_finer_grain_than_the_database() {
        assert!((0..1000).all(|_| SystemClock.now().subsec_nanosecond() % 1000 == 0));
    }

    #[test]
    fn each_id_is_greater_than_the_last() {
        let ids: Vec<_> = (0..10_000).map(|_| UuidV7.next()).collect();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
    }
}
