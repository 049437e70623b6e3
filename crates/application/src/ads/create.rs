use std::collections::BTreeSet;
use std::sync::Arc;

use adstead_domain::port::{
    AdGroupRepository, AdRepository, AssetRepository, CampaignRepository, Clock, IdGenerator,
};
use adstead_domain::{
    Actor, Ad, AdChange, AdContent, AdGroup, AdGroupId, AdId, AdName, AdStatus, AdType, Campaign, Permission,
    Version, Violation,
};
use jiff::Timestamp;

use super::{not_written, require_assets};
use crate::Error;
use crate::happened::happened;

/// Makes an ad, as a draft.
pub struct CreateAd {
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ad groups are kept.
    pub groups: Arc<dyn AdGroupRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// What is known of files.
    pub assets: Arc<dyn AssetRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

/// What an ad is made from.
#[derive(Debug, Clone)]
pub struct NewAd {
    /// What people call it.
    pub name: AdName,
    /// What kind of ad it is.
    pub ad_type: AdType,
    /// What it shows.
    pub content: AdContent,
}

impl CreateAd {
    /// Makes the ad.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown group; [`Error::Rules`] where the content breaks a hard limit or names a
    /// file that the account has not.
    pub async fn execute(&self, actor: &Actor, group: AdGroupId, new: NewAd) -> Result<Ad, Error> {
        actor.must(Permission::Write)?;
        let place = Place::find(self.groups.as_ref(), self.campaigns.as_ref(), actor, group).await?;
        let ad = place.draft(actor, new, AdId::new(self.ids.next()), self.clock.now());
        ad.check_draft()?;
        require_assets(self.assets.as_ref(), actor.account_id, &ad.content.assets).await?;
        let created = happened(self.ids.as_ref(), actor, ad.occurrence(AdChange::Created), ad.created_at);
        match self.ads.insert_all(std::slice::from_ref(&ad), &[created]).await {
            Ok(()) => Ok(ad),
            Err(error) => Err(not_written(error, self.assets.as_ref(), &ad).await),
        }
    }
}

/// Where a new ad belongs.
pub(crate) struct Place {
    group: AdGroup,
    pub(crate) campaign: Campaign,
}

impl Place {
    /// The group and its campaign, where that still takes ads.
    pub(crate) async fn find(
        groups: &dyn AdGroupRepository,
        campaigns: &dyn CampaignRepository,
        actor: &Actor,
        group: AdGroupId,
    ) -> Result<Self, Error> {
        let found = groups.get(actor.account_id, group).await?;
        let group = found.ok_or_else(|| Error::not_found("ad group", group))?;
        let found = campaigns.get(actor.account_id, group.campaign_id).await?;
        let campaign = found.ok_or_else(|| Error::not_found("campaign", group.campaign_id))?;
        if campaign.status.is_closed() {
            let status = campaign.status;
            return Err(Violation::state(format!("the campaign is {status} and takes no new ads")).into());
        }
        Ok(Self { group, campaign })
    }

    /// A new ad in that place.
    pub(crate) fn draft(&self, actor: &Actor, new: NewAd, id: AdId, now: Timestamp) -> Ad {
        let NewAd { name, ad_type, content } = new;
        Ad {
            id,
            account_id: actor.account_id,
            campaign_id: self.campaign.id,
            ad_group_id: self.group.id,
            platform: self.campaign.platform,
            ad_type,
            name,
            content,
            status: AdStatus::Draft,
            reviews: Vec::new(),
            editors: BTreeSet::from([actor.user_id]),
            created_by: actor.user_id,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        }
    }
}
