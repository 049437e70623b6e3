use adstead_domain::port::{CampaignRepository, PortError, PortErrorKind};
use adstead_domain::{
    AccountId, Campaign, CampaignId, CampaignStatus, DomainEvent, Page, PageRequest, Version,
};
use async_trait::async_trait;

use super::store::{MemoryStore, add, newest_first, page};

pub(super) struct MemoryCampaigns(pub(super) MemoryStore);

#[async_trait]
impl CampaignRepository for MemoryCampaigns {
    async fn insert(&self, campaign: &Campaign, events: &[DomainEvent]) -> Result<(), PortError> {
        let mut world = self.0.world();
        let key = (campaign.account_id, campaign.id);
        add(&mut world.campaigns, key, campaign.clone(), "campaigns.insert")?;
        world.publish(events);
        Ok(())
    }

    async fn get(&self, account: AccountId, id: CampaignId) -> Result<Option<Campaign>, PortError> {
        Ok(self.0.world().campaigns.get(&(account, id)).cloned())
    }

    async fn update(&self, campaign: &Campaign, events: &[DomainEvent]) -> Result<Version, PortError> {
        let mut world = self.0.world();
        let read = world.campaigns.get_mut(&(campaign.account_id, campaign.id));
        let Some(row) = read.filter(|row| row.version == campaign.version) else {
            return Err(PortError::new(PortErrorKind::Stale, "campaigns.update"));
        };
        *row = Campaign { version: campaign.version.next(), ..campaign.clone() };
        let version = row.version;
        world.publish(events);
        Ok(version)
    }

    async fn list(
        &self,
        account: AccountId,
        status: Option<CampaignStatus>,
        request: PageRequest,
    ) -> Result<Page<Campaign>, PortError> {
        let world = self.0.world();
        let wanted = newest_first(&world.campaigns, account)
            .filter(|campaign| status.is_none_or(|status| campaign.status == status));
        Ok(page(wanted, request, |campaign| campaign.id.uuid()))
    }
}
