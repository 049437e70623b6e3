//! A clock that a test moves.

use std::sync::atomic::{AtomicI64, Ordering};

use adstead_domain::port::Clock;
use jiff::{SignedDuration, Timestamp};

/// A clock that stands still until a test moves it. It shows whole microseconds, as every repository keeps them.
///
/// ```
/// use adstead_domain::port::Clock as _;
/// use adstead_testkit::TestClock;
/// use jiff::SignedDuration;
///
/// let clock = TestClock::default();
/// clock.advance(SignedDuration::from_mins(90));
/// assert_eq!(clock.now().to_string(), "2026-03-02T10:30:00Z");
/// ```
#[derive(Debug)]
pub struct TestClock {
    microsecond: AtomicI64,
}

impl TestClock {
    /// Where a clock stands of which nobody said otherwise: a Monday morning in winter.
    pub const START: Timestamp = Timestamp::constant(1_772_442_000, 0);

    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { microsecond: AtomicI64::new(now.as_microsecond()) }
    }

    /// Sets the clock, also back.
    pub fn set(&self, now: Timestamp) {
        self.microsecond.store(now.as_microsecond(), Ordering::SeqCst);
    }

    /// Moves the clock on.
    ///
    /// # Panics
    /// Past the year 9999.
    pub fn advance(&self, time: SignedDuration) {
        self.set(self.now() + time);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::at(Self::START)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let microsecond = self.microsecond.load(Ordering::SeqCst);
        Timestamp::from_microsecond(microsecond).expect("the clock was set to a timestamp")
    }
}
