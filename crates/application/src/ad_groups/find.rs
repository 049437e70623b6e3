use std::sync::Arc;

use adstead_domain::port::{AdGroupRepository, CampaignRepository};
use adstead_domain::{Actor, AdGroup, AdGroupId, CampaignId, Page, PageRequest, Permission};

use crate::Error;

/// Finds ad groups.
pub struct FindAdGroups {
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ad groups are kept.
    pub groups: Arc<dyn AdGroupRepository>,
}

impl FindAdGroups {
    /// The ad group with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, actor: &Actor, id: AdGroupId) -> Result<AdGroup, Error> {
        actor.must(Permission::Read)?;
        let found = self.groups.get(actor.account_id, id).await?;
        found.ok_or_else(|| Error::not_found("ad group", id))
    }

    /// A page of a campaign's ad groups.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown campaign.
    pub async fn list(
        &self,
        actor: &Actor,
        campaign: CampaignId,
        page: PageRequest,
    ) -> Result<Page<AdGroup>, Error> {
        actor.must(Permission::Read)?;
        let found = self.campaigns.get(actor.account_id, campaign).await?;
        found.ok_or_else(|| Error::not_found("campaign", campaign))?;
        Ok(self.groups.list(actor.account_id, campaign, page).await?)
    }
}
