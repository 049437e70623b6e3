use std::sync::Arc;

use adstead_domain::port::{AdRepository, CampaignRepository, GenerationRepository};
use adstead_domain::{Actor, Brief, Faults, Origin, Permission, Rework};

use crate::Error;

/// Finds the copy that others are to be made from, and says in a [`Brief`] what they are to be:
/// [`GenerateCopy`](super::GenerateCopy) has them written.
pub struct ReworkCopy {
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where generations are kept.
    pub generations: Arc<dyn GenerationRepository>,
}

impl ReworkCopy {
    /// The brief of what is to be made.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] for what the task does not change, or a variant that is not there.
    pub async fn brief(&self, actor: &Actor, origin: Origin, rework: Rework) -> Result<Brief, Error> {
        actor.must(Permission::Write)?;
        let account = actor.account_id;
        let brief = match origin {
            Origin::Ad { id } => {
                let ad = self.ads.get(account, id).await?.ok_or_else(|| Error::not_found("ad", id))?;
                let campaign = self.campaigns.get(account, ad.campaign_id).await?;
                let campaign = campaign.ok_or_else(|| Error::not_found("campaign", ad.campaign_id))?;
                rework.of_ad(&ad, campaign.platform)
            }
            Origin::Variant { generation_id, index } => {
                let found = self.generations.get(account, generation_id).await?;
                let generation = found.ok_or_else(|| Error::not_found("generation", generation_id))?;
                rework.of_variant(&generation, index)
            }
        };
        let mut faults = Faults::default();
        let brief = faults.at("/rework", brief);
        Ok(faults.finish(|| brief)?)
    }
}
