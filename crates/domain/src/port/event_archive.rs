//! Raw events once they were counted: how long they are kept, and what they prove.

use async_trait::async_trait;
use jiff::Timestamp;

use super::PortError;
use crate::{AccountId, KeptRejection, Page, PageRequest};

/// Keeps the events that a [`PerformanceRepository`](super::PerformanceRepository) recorded, and those that it rejected.
///
/// # Contract
/// - `expire` MUST delete the events that occurred before the moment, though it MAY keep those of the month (UTC) in which
///   it lies; it MUST delete the rejected ones that were received before it, and nothing else. What was counted of any
///   event MUST stay counted.
/// - From before the first event is deleted, `kept_since` MUST answer the moment, and MUST NOT ever answer an earlier one;
///   before that it answers the beginning of 1970. So whatever occurred since is there, unless it was never recorded.
/// - `expire` MAY fail half-way; what it deleted is then deleted, and a further call MUST delete the rest. It MUST NOT hold up
///   recorders for longer than a short transaction of theirs does.
/// - `compare` and `mend` MUST look at every quarter of an hour that begins at `kept_since` or later, and at no other, and
///   MUST be exact while events are recorded and expire.
/// - `mend` MUST make the figures of these what the account's events add up to, all of them or none, and MUST
///   fail with `Corrupt` where it finds them different afterwards.
/// - `rejected` MUST answer each rejected event once, with the reason and the time of when it was sent last, the last received
///   first, and MUST neither skip nor repeat one from page to page unless it is sent again meanwhile. The place of a page is
///   [`KeptRejection::place`].
/// - What belongs to another account MUST NOT appear anywhere.
#[async_trait]
pub trait EventArchive: Send + Sync {
    /// The moment since which all events are kept.
    async fn kept_since(&self) -> Result<Timestamp, PortError>;

    /// Deletes what is older than `before`, of all accounts.
    async fn expire(&self, before: Timestamp) -> Result<Expired, PortError>;

    /// Compares an account's figures with its events, and changes nothing.
    async fn compare(&self, account: AccountId) -> Result<Comparison, PortError>;

    /// Compares an account's figures with its events, and makes them equal; answers how they were before.
    async fn mend(&self, account: AccountId) -> Result<Comparison, PortError>;

    /// A page of what the account sent and does not count.
    async fn rejected(&self, account: AccountId, page: PageRequest)
    -> Result<Page<KeptRejection>, PortError>;
}

/// What was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Events that had been counted.
    pub events: u64,
    /// Events that had been rejected.
    pub rejected: u64,
}

/// An account's figures beside what its events add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Since when.
    pub since: Timestamp,
    /// Quarters of an hour of single ads that have events or figures.
    pub buckets: u64,
    /// Those among them whose figures are not what the events add up to.
    pub differing: u64,
}
