use std::sync::Arc;

use adstead_domain::port::{AccountRepository, CampaignRepository, Clock};
use adstead_domain::{Actor, Campaign, CampaignEdit, CampaignId, Permission, Version};

use super::settle_currency;
use crate::Error;
use crate::error::expect_version;

/// Changes a campaign.
pub struct EditCampaign {
    /// Where the account's currency is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl EditCampaign {
    /// Changes the campaign, which must be at version `seen` where one is given.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], or [`Error::Rules`].
    pub async fn execute(
        &self,
        actor: &Actor,
        id: CampaignId,
        edit: CampaignEdit,
        seen: Option<Version>,
    ) -> Result<Campaign, Error> {
        actor.must(Permission::Write)?;
        let found = self.campaigns.get(actor.account_id, id).await?;
        let mut campaign = found.ok_or_else(|| Error::not_found("campaign", id))?;
        expect_version(seen, campaign.version)?;
        if let Some(budget) = &edit.budget {
            settle_currency(self.accounts.as_ref(), actor.account_id, budget).await?;
        }
        campaign.edit(edit, self.clock.now())?;
        campaign.version = self.campaigns.update(&campaign).await?;
        Ok(campaign)
    }
}
