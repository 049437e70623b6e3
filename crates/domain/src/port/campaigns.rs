//! Where campaigns and their ad groups are kept.

use async_trait::async_trait;

use super::PortError;
use crate::{
    AccountId, AdGroup, AdGroupId, Campaign, CampaignId, CampaignStatus, DomainEvent, Page, PageRequest,
    Version,
};

/// Keeps campaigns.
///
/// # Contract
/// - What `get` and `list` answer MUST equal what was stored, to the microsecond of its times.
/// - A campaign of another account MUST be as absent as one that does not exist: for `get`, `update` and `list`.
/// - `update` MUST write only where the stored version is the campaign's, MUST answer the next version, and MUST fail
///   with `Stale` otherwise, then writing nothing.
/// - The events that a write is given MUST be in the outbox of each subscriber once the write is done, and MUST be in
///   none where it is not.
/// - `list` MUST answer newest first (greatest id first) and MUST neither skip nor repeat a campaign from page to page,
///   whatever is added in the meantime.
#[async_trait]
pub trait CampaignRepository: Send + Sync {
    /// Stores a new campaign, and what happened with it.
    async fn insert(&self, campaign: &Campaign, events: &[DomainEvent]) -> Result<(), PortError>;

    /// The account's campaign with this id.
    async fn get(&self, account: AccountId, id: CampaignId) -> Result<Option<Campaign>, PortError>;

    /// Overwrites the campaign that was read at `campaign.version`, keeps what happened to it, and answers its new version.
    async fn update(&self, campaign: &Campaign, events: &[DomainEvent]) -> Result<Version, PortError>;

    /// A page of the account's campaigns, of one status where one is given.
    async fn list(
        &self,
        account: AccountId,
        status: Option<CampaignStatus>,
        page: PageRequest,
    ) -> Result<Page<Campaign>, PortError>;
}

/// Keeps ad groups.
///
/// # Contract
/// As [`CampaignRepository`]'s, for ad groups; `list` MUST answer those of the given campaign only.
#[async_trait]
pub trait AdGroupRepository: Send + Sync {
    /// Stores a new ad group, and what happened with it.
    async fn insert(&self, group: &AdGroup, events: &[DomainEvent]) -> Result<(), PortError>;

    /// The account's ad group with this id.
    async fn get(&self, account: AccountId, id: AdGroupId) -> Result<Option<AdGroup>, PortError>;

    /// Overwrites the ad group that was read at `group.version`, keeps what happened to it, and answers its new version.
    async fn update(&self, group: &AdGroup, events: &[DomainEvent]) -> Result<Version, PortError>;

    /// A page of a campaign's ad groups.
    async fn list(
        &self,
        account: AccountId,
        campaign: CampaignId,
        page: PageRequest,
    ) -> Result<Page<AdGroup>, PortError>;
}
