//! Where ads are kept.

use std::collections::HashSet;

use async_trait::async_trait;

use super::PortError;
use crate::{
    AccountId, Ad, AdGroupId, AdId, AdStatus, AssetId, CampaignId, DomainEvent, Page, PageRequest, Version,
};

/// Which ads of an account are wanted; all conditions must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AdFilter {
    /// Those of one campaign.
    pub campaign_id: Option<CampaignId>,
    /// Those of one group.
    pub ad_group_id: Option<AdGroupId>,
    /// Those of one status.
    pub status: Option<AdStatus>,
}

/// Keeps ads.
///
/// # Contract
/// - What `get` and `list` answer MUST equal what was stored, to the microsecond of its times.
/// - An ad of another account MUST be as absent as one that does not exist: for every method.
/// - `insert_all` MUST store all of the ads or none, and none where an id is taken in the account.
/// - `update` MUST write only where the stored version is the ad's, MUST answer the next version, and MUST fail with
///   `Stale` otherwise, then writing nothing.
/// - `insert_all` and `update` MUST fail with `Conflict`, writing nothing, where an ad is not archived and shows an asset
///   that its account has not.
/// - The events that a write is given MUST be in the outbox of each subscriber once the write is done, and MUST be in
///   none where it is not.
/// - `list` MUST answer newest first (greatest id first) and MUST neither skip nor repeat an ad from page to page,
///   whatever is added in the meantime.
/// - `known` MUST answer exactly those of the given ids that are ads of the account.
/// - `showing` MUST answer the ads whose content shows the asset and that are not archived, in the order of their ids.
#[async_trait]
pub trait AdRepository: Send + Sync {
    /// Stores new ads, and what happened with them.
    async fn insert_all(&self, ads: &[Ad], events: &[DomainEvent]) -> Result<(), PortError>;

    /// The account's ad with this id.
    async fn get(&self, account: AccountId, id: AdId) -> Result<Option<Ad>, PortError>;

    /// Overwrites the ad that was read at `ad.version`, keeps what happened to it, and answers its new version.
    async fn update(&self, ad: &Ad, events: &[DomainEvent]) -> Result<Version, PortError>;

    /// A page of the account's ads.
    async fn list(
        &self,
        account: AccountId,
        filter: AdFilter,
        page: PageRequest,
    ) -> Result<Page<Ad>, PortError>;

    /// Which of these are ads of the account.
    async fn known(&self, account: AccountId, ids: &HashSet<AdId>) -> Result<HashSet<AdId>, PortError>;

    /// The ads that show an asset.
    async fn showing(&self, account: AccountId, asset: AssetId) -> Result<Vec<AdId>, PortError>;
}
