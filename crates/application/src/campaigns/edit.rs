use std::sync::Arc;

use adstead_domain::port::{AccountRepository, AdGroupRepository, CampaignRepository, Clock};
use adstead_domain::{Actor, AdGroup, Campaign, CampaignEdit, CampaignId, PageRequest, Permission, Version};

use super::settle_currency;
use crate::Error;
use crate::error::expect_version;

/// Changes a campaign.
pub struct EditCampaign {
    /// Where the account's currency is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where its ad groups are kept.
    pub groups: Arc<dyn AdGroupRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl EditCampaign {
    /// Changes the campaign, which must be at version `seen` where one is given.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], or [`Error::Rules`]; also where an ad group would no longer stay inside the
    /// campaign.
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
        let bounds_move = edit.budget.is_some() || edit.targeting.is_some();
        campaign.edit(edit, self.clock.now())?;
        if bounds_move {
            campaign.keeps(&self.groups_of(&campaign).await?)?;
        }
        campaign.version = self.campaigns.update(&campaign).await?;
        Ok(campaign)
    }

    async fn groups_of(&self, campaign: &Campaign) -> Result<Vec<AdGroup>, Error> {
        let mut groups = Vec::new();
        let mut request = PageRequest::default();
        loop {
            let page = self.groups.list(campaign.account_id, campaign.id, request).await?;
            groups.extend(page.items);
            match page.next {
                Some(last) => request.after = Some(last),
                None => return Ok(groups),
            }
        }
    }
}
