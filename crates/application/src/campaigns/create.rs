use std::sync::Arc;

use adstead_domain::port::{AccountRepository, CampaignRepository, Clock, IdGenerator};
use adstead_domain::{
    Actor, Budget, Campaign, CampaignChange, CampaignId, CampaignName, CampaignStatus, Objective, Permission,
    Platform, Schedule, Targeting, Version,
};

use super::settle_currency;
use crate::Error;
use crate::happened::happened;

/// Makes a campaign, as a draft.
pub struct CreateCampaign {
    /// Where the account's currency is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

/// What a campaign is made from.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// What people call it.
    pub name: CampaignName,
    /// What it is for.
    pub objective: Objective,
    /// Where its ads run.
    pub platform: Platform,
    /// What it may spend.
    pub budget: Budget,
    /// When it runs.
    pub schedule: Option<Schedule>,
    /// Whom it addresses.
    pub targeting: Targeting,
}

impl CreateCampaign {
    /// Makes the campaign.
    ///
    /// # Errors
    /// [`Error::Rules`] where the actor may not write, or the budget is not in the account's currency.
    pub async fn execute(&self, actor: &Actor, new: NewCampaign) -> Result<Campaign, Error> {
        actor.must(Permission::Write)?;
        settle_currency(self.accounts.as_ref(), actor.account_id, &new.budget).await?;
        let NewCampaign { name, objective, platform, budget, schedule, targeting } = new;
        let now = self.clock.now();
        let campaign = Campaign {
            id: CampaignId::new(self.ids.next()),
            account_id: actor.account_id,
            name,
            objective,
            platform,
            budget,
            schedule,
            targeting,
            status: CampaignStatus::Draft,
            created_by: actor.user_id,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        let created = campaign.occurrence(CampaignChange::Created);
        let event = happened(self.ids.as_ref(), actor, created, now);
        self.campaigns.insert(&campaign, &[event]).await?;
        Ok(campaign)
    }
}
