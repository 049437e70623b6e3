use std::sync::Arc;

use adstead_domain::port::{AdGroupRepository, CampaignRepository, Clock, IdGenerator};
use adstead_domain::{Actor, AdGroup, AdGroupEdit, AdGroupId, Permission, Version};

use crate::Error;
use crate::error::expect_version;
use crate::happened::happened;

/// Changes an ad group.
pub struct EditAdGroup {
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ad groups are kept.
    pub groups: Arc<dyn AdGroupRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl EditAdGroup {
    /// Changes the ad group, which must be at version `seen` where one is given.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], or [`Error::Rules`].
    pub async fn execute(
        &self,
        actor: &Actor,
        id: AdGroupId,
        edit: AdGroupEdit,
        seen: Option<Version>,
    ) -> Result<AdGroup, Error> {
        actor.must(Permission::Write)?;
        let found = self.groups.get(actor.account_id, id).await?;
        let mut group = found.ok_or_else(|| Error::not_found("ad group", id))?;
        expect_version(seen, group.version)?;
        let campaign = self.campaigns.get(actor.account_id, group.campaign_id).await?;
        let campaign = campaign.ok_or_else(|| Error::not_found("campaign", group.campaign_id))?;
        let now = self.clock.now();
        let change = group.edit(edit, &campaign, now)?;
        let event = happened(self.ids.as_ref(), actor, group.occurrence(change), now);
        group.version = self.groups.update(&group, &[event]).await?;
        Ok(group)
    }
}
