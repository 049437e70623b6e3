use std::sync::Arc;

use adstead_domain::port::{AccountRepository, AdGroupRepository, CampaignRepository, Clock, IdGenerator};
use adstead_domain::{Actor, AdGroup, Campaign, CampaignEdit, CampaignId, PageRequest, Permission, Version};

use super::settle_currency;
use crate::Error;
use crate::error::expect_version;
use crate::happened::happened;

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
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
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
        let now = self.clock.now();
        let change = campaign.edit(edit, now)?;
        if bounds_move {
            campaign.keeps(&self.groups_of(&campaign).await?)?;
        }
        let event = happened(self.ids.as_ref(), actor, campaign.occurrence(change), now);
        campaign.version = self.campaigns.update(&campaign, &[event]).await?;
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
