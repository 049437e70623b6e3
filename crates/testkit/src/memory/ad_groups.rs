use adstead_domain::port::{AdGroupRepository, PortError, PortErrorKind};
use adstead_domain::{AccountId, AdGroup, AdGroupId, CampaignId, DomainEvent, Page, PageRequest, Version};
use async_trait::async_trait;

use super::store::{MemoryStore, add, newest_first, page};

pub(super) struct MemoryAdGroups(pub(super) MemoryStore);

#[async_trait]
impl AdGroupRepository for MemoryAdGroups {
    async fn insert(&self, group: &AdGroup, events: &[DomainEvent]) -> Result<(), PortError> {
        let mut world = self.0.world();
        let key = (group.account_id, group.id);
        add(&mut world.ad_groups, key, group.clone(), "ad_groups.insert")?;
        world.publish(events);
        Ok(())
    }

    async fn get(&self, account: AccountId, id: AdGroupId) -> Result<Option<AdGroup>, PortError> {
        Ok(self.0.world().ad_groups.get(&(account, id)).cloned())
    }

    async fn update(&self, group: &AdGroup, events: &[DomainEvent]) -> Result<Version, PortError> {
        let mut world = self.0.world();
        let read = world.ad_groups.get_mut(&(group.account_id, group.id));
        let Some(row) = read.filter(|row| row.version == group.version) else {
            return Err(PortError::new(PortErrorKind::Stale, "ad_groups.update"));
        };
        *row = AdGroup { version: group.version.next(), ..group.clone() };
        let version = row.version;
        world.publish(events);
        Ok(version)
    }

    async fn list(
        &self,
        account: AccountId,
        campaign: CampaignId,
        request: PageRequest,
    ) -> Result<Page<AdGroup>, PortError> {
        let world = self.0.world();
        let wanted = newest_first(&world.ad_groups, account).filter(|group| group.campaign_id == campaign);
        Ok(page(wanted, request, |group| group.id.uuid()))
    }
}
