use std::sync::Arc;

use adstead_domain::port::CampaignRepository;
use adstead_domain::{Actor, Campaign, CampaignId, CampaignStatus, Page, PageRequest, Permission};

use crate::Error;

/// Finds campaigns.
pub struct FindCampaigns {
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
}

impl FindCampaigns {
    /// The campaign with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, Error> {
        actor.must(Permission::Read)?;
        let found = self.campaigns.get(actor.account_id, id).await?;
        found.ok_or_else(|| Error::not_found("campaign", id))
    }

    /// A page of campaigns, of one status where one is given.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn list(
        &self,
        actor: &Actor,
        status: Option<CampaignStatus>,
        page: PageRequest,
    ) -> Result<Page<Campaign>, Error> {
        actor.must(Permission::Read)?;
        Ok(self.campaigns.list(actor.account_id, status, page).await?)
    }
}
