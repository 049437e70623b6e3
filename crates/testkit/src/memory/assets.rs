use adstead_domain::port::{AssetRepository, PortError, PortErrorKind};
use adstead_domain::{AccountId, Asset, AssetId, DomainEvent, Page, PageRequest};
use async_trait::async_trait;

use super::ads::shown;
use super::store::{MemoryStore, add, newest_first, page};

pub(super) struct MemoryAssets(pub(super) MemoryStore);

#[async_trait]
impl AssetRepository for MemoryAssets {
    async fn insert(&self, asset: &Asset, events: &[DomainEvent]) -> Result<(), PortError> {
        let mut world = self.0.world();
        let key = (asset.account_id, asset.id);
        add(&mut world.assets, key, asset.clone(), "assets.insert")?;
        world.publish(events);
        Ok(())
    }

    async fn get(&self, account: AccountId, id: AssetId) -> Result<Option<Asset>, PortError> {
        Ok(self.0.world().assets.get(&(account, id)).cloned())
    }

    async fn list(&self, account: AccountId, request: PageRequest) -> Result<Page<Asset>, PortError> {
        let world = self.0.world();
        Ok(page(newest_first(&world.assets, account), request, |asset| asset.id.uuid()))
    }

    async fn delete(
        &self,
        account: AccountId,
        id: AssetId,
        events: &[DomainEvent],
    ) -> Result<bool, PortError> {
        let mut world = self.0.world();
        if newest_first(&world.ads, account).any(|ad| shown(ad).contains(&id)) {
            return Err(PortError::new(PortErrorKind::Conflict, "assets.delete"));
        }
        let is_deleted = world.assets.remove(&(account, id)).is_some();
        if is_deleted {
            world.publish(events);
        }
        Ok(is_deleted)
    }
}
