use std::sync::Arc;

use adstead_domain::ad::Delivery;
use adstead_domain::optimization::{Action, Applied, Standing};
use adstead_domain::port::{
    AdGroupRepository, AdRepository, CampaignRepository, Clock, OptimizationRepository,
};
use adstead_domain::{
    Actor, Ad, AdStatus, AdStep, Campaign, Money, OptimizationRun, OptimizationRunId, Permission, Spend,
    Version,
};

use crate::Error;
use crate::error::expect_version;

/// Does what a run recommends.
pub struct ApplyOptimization {
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ad groups are kept.
    pub groups: Arc<dyn AdGroupRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Where runs are kept.
    pub optimizations: Arc<dyn OptimizationRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl ApplyOptimization {
    /// Applies the run, which must be at version `seen` where one is given. Each action sets a state, so that a run
    /// that was interrupted can be applied again.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`]; [`Error::Rules`] where it was applied already, or has nothing to apply.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OptimizationRunId,
        seen: Option<Version>,
    ) -> Result<OptimizationRun, Error> {
        actor.must(Permission::Write)?;
        let found = self.optimizations.get(actor.account_id, id).await?;
        let mut run = found.ok_or_else(|| Error::not_found("optimization run", id))?;
        expect_version(seen, run.version)?;
        let actions = run.actions_to_apply()?;
        let found = self.ads.get(actor.account_id, run.ad_id).await?;
        let mut ad = found.ok_or_else(|| Error::not_found("ad", run.ad_id))?;
        let found = self.campaigns.get(actor.account_id, ad.campaign_id).await?;
        let mut campaign = found.ok_or_else(|| Error::not_found("campaign", ad.campaign_id))?;
        let before = standing(&ad, &campaign);
        for action in &actions {
            match *action {
                Action::PauseAd => self.pause(&mut ad, &campaign).await?,
                Action::SetDailyLimit { from_micros, micros } => {
                    self.set_daily_limit(&mut campaign, from_micros, micros).await?;
                }
                Action::RefreshCopy => {}
            }
        }
        let after = standing(&ad, &campaign);
        run.applied = Some(Applied { by: actor.user_id, at: self.clock.now(), actions, before, after });
        run.version = self.optimizations.update(&run).await?;
        Ok(run)
    }

    async fn pause(&self, ad: &mut Ad, campaign: &Campaign) -> Result<(), Error> {
        if ad.status == AdStatus::Paused {
            return Ok(());
        }
        let group = self.groups.get(ad.account_id, ad.ad_group_id).await?;
        let group = group.ok_or_else(|| Error::not_found("ad group", ad.ad_group_id))?;
        // Pausing asks for no money and no flight.
        let unspent = Spend { today_micros: 0, lifetime_micros: 0 };
        let delivery = Delivery { campaign, campaign_spend: unspent, group: &group, group_spend: unspent };
        ad.step(AdStep::Pause, delivery, self.clock.now())?;
        ad.version = self.ads.update(ad).await?;
        Ok(())
    }

    async fn set_daily_limit(
        &self,
        campaign: &mut Campaign,
        from_micros: i64,
        micros: i64,
    ) -> Result<(), Error> {
        let before = campaign.budget;
        campaign.change_daily_limit(from_micros, micros, self.clock.now())?;
        if campaign.budget == before {
            return Ok(());
        }
        campaign.version = self.campaigns.update(campaign).await?;
        Ok(())
    }
}

fn standing(ad: &Ad, campaign: &Campaign) -> Standing {
    Standing {
        ad_status: ad.status,
        campaign_id: campaign.id,
        daily_limit_micros: campaign.budget.daily_limit().map(Money::micros),
    }
}
