//! Where it is kept what is known of creative files.

use async_trait::async_trait;

use super::PortError;
use crate::{AccountId, Asset, AssetId, ContentType, DomainEvent, Page, PageRequest, Sha256Digest};

/// Keeps what is known of creative files; the files themselves are in a [`FileStore`](super::FileStore).
///
/// # Contract
/// - What `get` and `list` answer MUST equal what was stored, to the microsecond of its times.
/// - An asset of another account MUST be as absent as one that does not exist: for every method.
/// - `list` MUST answer newest first (greatest id first) and MUST neither skip nor repeat an asset from page to page.
/// - `delete` MUST answer whether there was something to delete, and MUST fail with `Conflict`, deleting nothing, while
///   an ad that is not archived shows the asset. With the rule of [`AdRepository`](super::AdRepository) for writes, no
///   such ad lacks a file, whoever writes at the same time.
/// - An account MUST NOT have two assets of the same content: of several calls of `insert`, one MUST succeed, and the others
///   MUST fail with `Conflict`. Another account's content is nobody's business.
/// - `of_content` MUST answer the account's asset with that content.
/// - The events that a write is given MUST be in the outbox of each subscriber once the write is done, and MUST be in
///   none where it is not; a `delete` that finds nothing is not.
#[async_trait]
pub trait AssetRepository: Send + Sync {
    /// Stores a new asset, and what happened with it.
    async fn insert(&self, asset: &Asset, events: &[DomainEvent]) -> Result<(), PortError>;

    /// The account's asset with this id.
    async fn get(&self, account: AccountId, id: AssetId) -> Result<Option<Asset>, PortError>;

    /// The account's asset whose content has this digest.
    async fn of_content(&self, account: AccountId, sha256: Sha256Digest) -> Result<Option<Asset>, PortError>;

    /// A page of the account's assets.
    async fn list(&self, account: AccountId, page: PageRequest) -> Result<Page<Asset>, PortError>;

    /// Forgets an asset, and keeps what happened to it; whether there was one.
    async fn delete(
        &self,
        account: AccountId,
        id: AssetId,
        events: &[DomainEvent],
    ) -> Result<bool, PortError>;
}

/// The assets of all accounts, for whoever looks after their files.
///
/// # Contract
/// - `which_exist` MUST answer those of the pairs that are an account and an asset of it, each once, in whatever order.
/// - `page` MUST answer every asset of every account exactly once over all pages, in the order of account and id, where
///   nobody writes meanwhile.
/// - `totals` MUST be exact, and MUST hold only types of which there is an asset.
#[async_trait]
pub trait AssetInventory: Send + Sync {
    /// Which of these assets exist.
    async fn which_exist(
        &self,
        assets: &[(AccountId, AssetId)],
    ) -> Result<Vec<(AccountId, AssetId)>, PortError>;

    /// At most `limit` assets that come after the one given.
    async fn page(&self, after: Option<(AccountId, AssetId)>, limit: u16) -> Result<Vec<Asset>, PortError>;

    /// How many there are of each type, and what their files hold.
    async fn totals(&self) -> Result<Vec<AssetTotal>, PortError>;
}

/// The assets of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetTotal {
    /// Their type.
    pub content_type: ContentType,
    /// How many there are.
    pub files: u64,
    /// The sizes of their files together, in bytes.
    pub bytes: u64,
}
