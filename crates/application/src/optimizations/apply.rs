use std::sync::Arc;

use adstead_domain::optimization::{Action, Applied, Standing};
use adstead_domain::port::{AdRepository, CampaignRepository, Clock, IdGenerator, OptimizationRepository};
use adstead_domain::{
    Actor, Ad, AdStatus, AdStep, Campaign, Money, OptimizationRun, OptimizationRunId, Permission, Version,
};

use crate::Error;
use crate::error::expect_version;
use crate::happened::happened;

/// Does what a run recommends.
pub struct ApplyOptimization {
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Where runs are kept.
    pub optimizations: Arc<dyn OptimizationRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl ApplyOptimization {
    /// Applies the run, which must be at version `seen` where one is given: all of it, or nothing.
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
        let ad = found.ok_or_else(|| Error::not_found("ad", run.ad_id))?;
        let found = self.campaigns.get(actor.account_id, ad.campaign_id).await?;
        let campaign = found.ok_or_else(|| Error::not_found("campaign", ad.campaign_id))?;
        let now = self.clock.now();
        let (mut new_ad, mut new_campaign) = (ad.clone(), campaign.clone());
        let mut occurred = vec![run.occurrence()];
        for action in &actions {
            match *action {
                // What somebody has done meanwhile is done.
                Action::PauseAd if new_ad.status == AdStatus::Paused => {}
                Action::PauseAd => {
                    let change = new_ad.step(AdStep::Pause, now)?;
                    occurred.push(new_ad.occurrence(change));
                }
                Action::SetDailyLimit { from_micros, micros } => {
                    let change = new_campaign.change_daily_limit(from_micros, micros, now)?;
                    occurred.extend(change.map(|change| new_campaign.occurrence(change)));
                }
                Action::RefreshCopy => {}
            }
        }
        let (before, after) = (standing(&ad, &campaign), standing(&new_ad, &new_campaign));
        run.applied = Some(Applied { by: actor.user_id, at: now, actions, before, after });
        let changed_ad = Some(&new_ad).filter(|new| **new != ad);
        let changed_campaign = Some(&new_campaign).filter(|new| **new != campaign);
        let event = |occurrence| happened(self.ids.as_ref(), actor, occurrence, now);
        let events: Vec<_> = occurred.into_iter().map(event).collect();
        run.version = self.optimizations.apply(&run, changed_ad, changed_campaign, &events).await?;
        Ok(run)
    }
}

fn standing(ad: &Ad, campaign: &Campaign) -> Standing {
    Standing {
        ad_status: ad.status,
        campaign_id: campaign.id,
        daily_limit_micros: campaign.budget.daily_limit().map(Money::micros),
    }
}
