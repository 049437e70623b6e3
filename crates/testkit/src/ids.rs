//! Ids that are the same in each run.

use std::sync::atomic::{AtomicU64, Ordering};

use adstead_domain::port::IdGenerator;
use jiff::Timestamp;
use uuid::Uuid;

use crate::TestClock;

/// Ids in the shape of UUIDv7 (RFC 9562) that count up from one instant: the later id is always the greater one.
///
/// ```
/// use adstead_domain::port::IdGenerator as _;
/// use adstead_testkit::SequentialIds;
///
/// let ids = SequentialIds::default();
/// assert_eq!(ids.next().to_string(), "019cadc6-9a80-7000-8000-000000000001");
/// assert_eq!(ids.next().to_string(), "019cadc6-9a80-7000-8000-000000000002");
/// ```
#[derive(Debug)]
pub struct SequentialIds {
    millisecond: u64,
    last: AtomicU64,
}

impl SequentialIds {
    /// Ids that look as if all of them had been made in the millisecond of `instant`.
    ///
    /// # Panics
    /// Before 1970.
    pub fn made_at(instant: Timestamp) -> Self {
        let millisecond = instant.as_millisecond().try_into().expect("a UUIDv7 counts from 1970");
        Self { millisecond, last: AtomicU64::new(0) }
    }
}

impl Default for SequentialIds {
    fn default() -> Self {
        Self::made_at(TestClock::START)
    }
}

impl IdGenerator for SequentialIds {
    fn next(&self) -> Uuid {
        let count = self.last.fetch_add(1, Ordering::SeqCst) + 1;
        let mut after_the_time = [0; 10];
        after_the_time[2..].copy_from_slice(&count.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(self.millisecond, &after_the_time).into_uuid()
    }
}
