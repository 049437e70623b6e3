use std::sync::Arc;

use adstead_domain::port::{
    AccountRepository, AnalyticsRepository, CampaignRepository, Clock, IdGenerator, SpendScope,
};
use adstead_domain::{Actor, Campaign, CampaignId, CampaignStep, Permission, Version};

use crate::Error;
use crate::accounts::account_of;
use crate::error::expect_version;
use crate::happened::happened;
use crate::spending::spend;

/// Activates, pauses, completes or archives a campaign.
pub struct StepCampaign {
    /// Where the account's zone is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// What was spent.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl StepCampaign {
    /// Takes the step with a campaign, which must be at version `seen` where one is given. It asks nobody what was
    /// spent: a campaign can be paused while the figures are out of reach.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], or [`Error::Rules`].
    pub async fn execute(
        &self,
        actor: &Actor,
        id: CampaignId,
        step: CampaignStep,
        seen: Option<Version>,
    ) -> Result<Campaign, Error> {
        let mut campaign = self.campaign(actor, id, seen).await?;
        let now = self.clock.now();
        let change = campaign.step(step, now)?;
        let event = happened(self.ids.as_ref(), actor, campaign.occurrence(change), now);
        campaign.version = self.campaigns.update(&campaign, &[event]).await?;
        Ok(campaign)
    }

    /// Activates a campaign, which must be at version `seen` where one is given.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], or [`Error::Rules`].
    pub async fn activate(
        &self,
        actor: &Actor,
        id: CampaignId,
        seen: Option<Version>,
    ) -> Result<Campaign, Error> {
        let mut campaign = self.campaign(actor, id, seen).await?;
        let now = self.clock.now();
        let account = account_of(self.accounts.as_ref(), actor).await?;
        let spend = spend(self.analytics.as_ref(), &account, SpendScope::Campaign(id), now).await?;
        let change = campaign.activate(spend, now)?;
        let event = happened(self.ids.as_ref(), actor, campaign.occurrence(change), now);
        campaign.version = self.campaigns.update(&campaign, &[event]).await?;
        Ok(campaign)
    }

    async fn campaign(
        &self,
        actor: &Actor,
        id: CampaignId,
        seen: Option<Version>,
    ) -> Result<Campaign, Error> {
        actor.must(Permission::Write)?;
        let found = self.campaigns.get(actor.account_id, id).await?;
        let campaign = found.ok_or_else(|| Error::not_found("campaign", id))?;
        expect_version(seen, campaign.version)?;
        Ok(campaign)
    }
}
