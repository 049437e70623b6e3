use std::sync::Arc;

use adstead_domain::port::{AdGroupRepository, CampaignRepository, Clock, IdGenerator};
use adstead_domain::{
    Actor, AdGroup, AdGroupChange, AdGroupId, AdGroupName, Budget, CampaignId, Permission, Targeting, Version,
};

use crate::Error;
use crate::happened::happened;

/// Makes an ad group.
pub struct CreateAdGroup {
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ad groups are kept.
    pub groups: Arc<dyn AdGroupRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

/// What an ad group is made from.
#[derive(Debug, Clone)]
pub struct NewAdGroup {
    /// What people call it.
    pub name: AdGroupName,
    /// Whom it addresses.
    pub targeting: Option<Targeting>,
    /// What it may spend.
    pub budget: Option<Budget>,
}

impl CreateAdGroup {
    /// Makes the ad group.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown campaign; [`Error::Rules`] where the group does not fit it.
    pub async fn execute(
        &self,
        actor: &Actor,
        campaign: CampaignId,
        new: NewAdGroup,
    ) -> Result<AdGroup, Error> {
        actor.must(Permission::Write)?;
        let found = self.campaigns.get(actor.account_id, campaign).await?;
        let campaign = found.ok_or_else(|| Error::not_found("campaign", campaign))?;
        let now = self.clock.now();
        let NewAdGroup { name, targeting, budget } = new;
        let group = AdGroup {
            id: AdGroupId::new(self.ids.next()),
            account_id: actor.account_id,
            campaign_id: campaign.id,
            name,
            targeting,
            budget,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        group.fits(&campaign)?;
        let created = group.occurrence(AdGroupChange::Created);
        let event = happened(self.ids.as_ref(), actor, created, now);
        self.groups.insert(&group, &[event]).await?;
        Ok(group)
    }
}
