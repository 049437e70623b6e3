use std::sync::Arc;

use adstead_domain::ad::Delivery;
use adstead_domain::port::{
    AccountRepository, AdGroupRepository, AdRepository, AnalyticsRepository, CampaignRepository, Clock,
    IdGenerator, SpendScope,
};
use adstead_domain::{Actor, Ad, AdId, AdStep, Permission, Version};

use crate::Error;
use crate::accounts::account_of;
use crate::error::expect_version;
use crate::happened::happened;
use crate::spending::spend;

/// Submits, revises, activates, pauses or archives an ad.
pub struct StepAd {
    /// Where the account's zone is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ad groups are kept.
    pub groups: Arc<dyn AdGroupRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// What was spent.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl StepAd {
    /// Takes the step with an ad, which must be at version `seen` where one is given. It asks nobody what was spent: an
    /// ad can be paused while the figures are out of reach.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], or [`Error::Rules`].
    pub async fn execute(
        &self,
        actor: &Actor,
        id: AdId,
        step: AdStep,
        seen: Option<Version>,
    ) -> Result<Ad, Error> {
        let mut ad = self.ad(actor, id, seen).await?;
        let now = self.clock.now();
        let change = ad.step(step, now)?;
        let event = happened(self.ids.as_ref(), actor, ad.occurrence(change), now);
        ad.version = self.ads.update(&ad, &[event]).await?;
        Ok(ad)
    }

    /// Activates an ad, which must be at version `seen` where one is given.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], or [`Error::Rules`].
    pub async fn activate(&self, actor: &Actor, id: AdId, seen: Option<Version>) -> Result<Ad, Error> {
        let mut ad = self.ad(actor, id, seen).await?;
        let now = self.clock.now();
        let account = account_of(self.accounts.as_ref(), actor).await?;
        let campaign = self.campaigns.get(account.id, ad.campaign_id).await?;
        let campaign = campaign.ok_or_else(|| Error::not_found("campaign", ad.campaign_id))?;
        let group = self.groups.get(account.id, ad.ad_group_id).await?;
        let group = group.ok_or_else(|| Error::not_found("ad group", ad.ad_group_id))?;
        let spent = async |scope| spend(self.analytics.as_ref(), &account, scope, now).await;
        let delivery = Delivery {
            campaign_spend: spent(SpendScope::Campaign(campaign.id)).await?,
            group_spend: spent(SpendScope::AdGroup(group.id)).await?,
            campaign: &campaign,
            group: &group,
        };
        let change = ad.activate(delivery, now)?;
        let event = happened(self.ids.as_ref(), actor, ad.occurrence(change), now);
        ad.version = self.ads.update(&ad, &[event]).await?;
        Ok(ad)
    }

    async fn ad(&self, actor: &Actor, id: AdId, seen: Option<Version>) -> Result<Ad, Error> {
        actor.must(Permission::Write)?;
        let found = self.ads.get(actor.account_id, id).await?;
        let ad = found.ok_or_else(|| Error::not_found("ad", id))?;
        expect_version(seen, ad.version)?;
        Ok(ad)
    }
}
