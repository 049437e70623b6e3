use std::time::Duration;

use adstead_domain::port::Clock as _;

use crate::system::SystemClock;

/// The two times that a cache needs: one that only goes on, for what this process keeps, and the civil one, for what nodes
/// share.
pub(super) enum Clock {
    /// Read at the precision of the system's tick, a few milliseconds: reading it more finely would cost a fifth of a hit.
    System { start: coarsetime::Instant },
    /// A clock of the caller's: the time since some fixed moment.
    Given(Box<dyn Fn() -> Duration + Send + Sync>),
}

impl Clock {
    /// What a given clock calls zero: the first of January 2026, in microseconds of Unix time.
    const GIVEN_EPOCH_US: u64 = 1_767_225_600_000_000;

    pub(super) fn system() -> Self {
        Self::System { start: coarsetime::Instant::now() }
    }

    /// The time since the start, in nanoseconds; never goes back.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        match self {
            // `elapsed` would also write the time down for all threads: a cache line that every hit of each would fight for.
            Self::System { start } => {
                coarsetime::Instant::now_without_cache_update().duration_since(*start).as_nanos()
            }
            Self::Given(now) => nanos(now()),
        }
    }

    /// The system's civil time, whatever clock was given: what the times of others are held against.
    pub(super) fn real_us() -> u64 {
        u64::try_from(SystemClock.now().as_microsecond()).unwrap_or(0)
    }

    /// Civil time in microseconds of Unix time.
    pub(super) fn civil_us(&self) -> u64 {
        match self {
            Self::System { .. } => Self::real_us(),
            Self::Given(now) => Self::GIVEN_EPOCH_US + nanos(now()) / 1000,
        }
    }
}

pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
