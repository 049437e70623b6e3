use std::sync::Arc;
use std::time::Duration;

use adstead_domain::policy::{PolicyHint, completed};
use adstead_domain::port::{
    AccountRepository, AdRepository, CampaignRepository, Clock, CopyReviewer, ReviewRequest, Usage,
};
use adstead_domain::{Actor, AdId, Language, Permission};

use crate::Error;
use crate::generations::{model_call, policy_prompt};

/// Reads the copy of an ad for what its platform may object to, as a hint for whoever reviews it.
pub struct InspectCopy {
    /// Who pays.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Who reads.
    pub reviewer: Arc<dyn CopyReviewer>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The time for a reading.
    pub deadline: Duration,
}

/// What was found, and by whom.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// What a reviewer should look at, line by line.
    pub hints: Vec<PolicyHint>,
    /// Who read, and what it took.
    pub usage: Usage,
}

impl InspectCopy {
    /// What a reviewer should look at: by the reviewer, and by phrases that are well known for it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] for an unknown provider; [`Error::Writer`] where no provider answers.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: AdId,
        language: Language,
        provider: Option<String>,
    ) -> Result<Inspection, Error> {
        actor.must(Permission::Review).or_else(|_| actor.must(Permission::Write))?;
        let ad = self.ads.get(actor.account_id, id).await?.ok_or_else(|| Error::not_found("ad", id))?;
        let campaign = self.campaigns.get(actor.account_id, ad.campaign_id).await?;
        let campaign = campaign.ok_or_else(|| Error::not_found("campaign", ad.campaign_id))?;
        let copy = ad.content.copy;
        let prompt = policy_prompt(&copy, &language, campaign.platform);
        let (accounts, now) = (self.accounts.as_ref(), self.clock.now());
        let call = model_call(accounts, actor, now, prompt, provider, self.deadline).await?;
        let request = ReviewRequest { copy, language, platform: campaign.platform, call };
        let read = self.reviewer.review(&request).await.map_err(Error::of_writer)?;
        let hints = completed(read.content, &request.copy, &request.language);
        Ok(Inspection { hints, usage: read.usage })
    }
}
