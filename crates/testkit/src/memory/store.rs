use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adstead_domain::port::{PortError, PortErrorKind};
use adstead_domain::{
    Account, AccountId, Ad, AdGroup, AdGroupId, AdId, ApiKey, ApiKeyId, Asset, AssetId, Campaign, CampaignId,
    EventId, Generation, GenerationId, IdempotencyKey, KeptRejection, MessageId, OptimizationRun,
    OptimizationRunId, Page, PageRequest, PerformanceEvent, Sha256Digest, SigningKey, SigningPurpose,
    Subscription, SubscriptionId, User, UserId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::idempotency::HeldKey;
use super::outbox::HeldMessage;

/// Rows by the account that owns them, then by their id: no look-up can leave its account.
pub(super) type Owned<Id, Row> = BTreeMap<(AccountId, Id), Row>;

/// Everything that the repositories of one bundle keep.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) users: Owned<UserId, User>,
    pub(super) keys: BTreeMap<ApiKeyId, ApiKey>,
    pub(super) campaigns: Owned<CampaignId, Campaign>,
    pub(super) ad_groups: Owned<AdGroupId, AdGroup>,
    pub(super) ads: Owned<AdId, Ad>,
    pub(super) generations: Owned<GenerationId, Generation>,
    pub(super) assets: Owned<AssetId, Asset>,
    pub(super) optimizations: Owned<OptimizationRunId, OptimizationRun>,
    pub(super) events: HashMap<(AccountId, EventId), PerformanceEvent>,
    /// Events that count on though they are not kept any more.
    pub(super) expired: Vec<(AccountId, PerformanceEvent)>,
    /// The moment since which all events are kept, where any was deleted.
    pub(super) kept_since: Option<Timestamp>,
    pub(super) rejected: HashMap<(AccountId, Sha256Digest), KeptRejection>,
    pub(super) idempotency_keys: Owned<IdempotencyKey, HeldKey>,
    pub(super) disabled_services: BTreeMap<String, Timestamp>,
    pub(super) subscriptions: Owned<SubscriptionId, Subscription>,
    /// What was raised, and when.
    pub(super) alerts: BTreeMap<String, Timestamp>,
    pub(super) spent_on_models: BTreeMap<(AccountId, Date), u64>,
    pub(super) signing_keys: BTreeMap<SigningPurpose, SigningKey>,
    pub(super) outbox: BTreeMap<MessageId, HeldMessage>,
    /// How many messages there ever were.
    pub(super) messages: i64,
}

/// A world that several repositories share. Each of their methods locks it once, which makes it one atomic step.
#[derive(Debug, Clone, Default)]
pub(super) struct MemoryStore(Arc<Mutex<World>>);

impl MemoryStore {
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds a row under a key that must be free.
pub(super) fn add<Key: Ord, Row>(
    rows: &mut BTreeMap<Key, Row>,
    key: Key,
    row: Row,
    operation: &'static str,
) -> Result<(), PortError> {
    if rows.contains_key(&key) {
        return Err(PortError::new(PortErrorKind::Conflict, operation));
    }
    rows.insert(key, row);
    Ok(())
}

/// The account's rows, newest first.
pub(super) fn newest_first<Id: Ord, Row>(
    rows: &Owned<Id, Row>,
    account: AccountId,
) -> impl Iterator<Item = &Row> {
    rows.iter().rev().filter(move |((owner, _), _)| *owner == account).map(|(_, row)| row)
}

/// The wanted part of `rows`, which come newest first.
pub(super) fn page<'a, Row: Clone + 'a>(
    rows: impl Iterator<Item = &'a Row>,
    request: PageRequest,
    id: impl Fn(&Row) -> Uuid,
) -> Page<Row> {
    let unseen = rows.filter(|row| request.after.is_none_or(|last| id(row) < last));
    let overfetched = unseen.take(request.limit() + 1).cloned().collect();
    Page::from_overfetched(overfetched, request, id)
}
