//! Who wants to be told of what, and who brings it to them.

use async_trait::async_trait;
use jiff::Timestamp;

use super::PortError;
use crate::{AccountId, Destination, DomainEvent, Subscription, SubscriptionId, UserId, Version, Zone};

/// Keeps subscriptions.
///
/// # Contract
/// - What `get`, `find` and `of_account` answer MUST equal what was stored, to the microsecond of its times.
/// - A subscription of another account MUST be as absent as one that does not exist, but for `find`.
/// - `insert` MUST fail with `Conflict` where the account has [`Subscription::MOST`] already.
/// - `update` MUST write only where the stored version is the subscription's own, and MUST answer the next; otherwise it MUST
///   fail with `Stale`.
/// - `delete` MUST answer whether the account had the subscription.
/// - `of_account` MUST answer newest first (greatest id first), those of one user where one is given.
/// - `accounts` MUST answer each account that has a subscription, once, in the order of their ids.
#[async_trait]
pub trait SubscriptionRepository: Send + Sync {
    /// Stores a new subscription.
    async fn insert(&self, subscription: &Subscription) -> Result<(), PortError>;

    /// The account's subscription with this id.
    async fn get(&self, account: AccountId, id: SubscriptionId) -> Result<Option<Subscription>, PortError>;

    /// The subscription with this id, whosever it is.
    async fn find(&self, id: SubscriptionId) -> Result<Option<Subscription>, PortError>;

    /// All subscriptions of the account.
    async fn of_account(
        &self,
        account: AccountId,
        user: Option<UserId>,
    ) -> Result<Vec<Subscription>, PortError>;

    /// The accounts that have any.
    async fn accounts(&self) -> Result<Vec<AccountId>, PortError>;

    /// Overwrites the subscription that was read at its version.
    async fn update(&self, subscription: &Subscription) -> Result<Version, PortError>;

    /// Removes a subscription; whether there was one.
    async fn delete(&self, account: AccountId, id: SubscriptionId) -> Result<bool, PortError>;
}

/// Brings news to people and programs.
///
/// # Contract
/// - `check` MUST refuse with `Rejected`, and say why in words fit for whoever gave the destination, what `notify` would never
///   bring anything to.
/// - `notify` MUST fail where the news were not taken, and MUST come to an end by itself, within
///   [`DELIVERY_PATIENCE`](super::DELIVERY_PATIENCE).
/// - `notify` MUST be fit to be called again with the same news, and MUST give them the same id, so that the receiver can drop
///   repeats.
/// - Its errors MUST hold no secret, such as the address of a webhook.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Whether anything can be brought there.
    async fn check(&self, destination: &Destination) -> Result<(), PortError>;

    /// Brings news, all together.
    async fn notify(&self, news: &News<'_>) -> Result<Reception, PortError>;
}

/// What is brought, and where to.
#[derive(Debug, Clone)]
pub struct News<'a> {
    /// On account of which subscription.
    pub subscription: SubscriptionId,
    /// Where to.
    pub destination: &'a Destination,
    /// What happened, in its order; never empty.
    pub events: &'a [&'a DomainEvent],
    /// Whose clock the times are told by.
    pub time_zone: &'a Zone,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// It was taken.
    Taken,
    /// There is nobody any more who would take anything: not to be tried again.
    Gone,
}

/// Keeps what Adstead found out by itself, each thing once, whichever nodes find it.
///
/// # Contract
/// - `raise` MUST put the event into the outbox of each subscriber, unless an event was raised under the same key before, and
///   MUST answer whether it did; all or nothing. Of concurrent calls with one key, one at most MUST.
/// - `take` MUST do the same, and tell nobody.
/// - `forget` MUST make keys free again that were raised before that time, and MUST leave all others; it answers how many.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Tells of something, unless that was done; the key takes 200 bytes at most.
    async fn raise(&self, key: &str, event: &DomainEvent) -> Result<bool, PortError>;

    /// Takes a key, for work that one node does for all; whether nobody had it before.
    async fn take(&self, key: &str, now: Timestamp) -> Result<bool, PortError>;

    /// Forgets what was told long ago.
    async fn forget(&self, before: Timestamp) -> Result<u64, PortError>;
}
