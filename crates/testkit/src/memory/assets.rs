use adstead_domain::port::{AssetRepository, PortError, PortErrorKind};
use adstead_domain::{AccountId, Asset, AssetId, Page, PageRequest};
use async_trait::async_trait;

use super::ads::shown;
use super::store::{MemoryStore, add, newest_first, page};

pub(super) struct MemoryAssets(pub(super) MemoryStore);

#[async_trait]
impl AssetRepository for MemoryAssets {
    async fn insert(&self, asset: &Asset) -> Result<(), PortError> {
        let key = (asset.account_id, asset.id);
        add(&mut self.0.world().assets, key, asset.clone(), "assets.insert")
    }

    async fn get(&self, account: AccountId, id: AssetId) -> Result<Option<Asset>, PortError> {
        Ok(self.0.world().assets.get(&(account, id)).cloned())
    }

    async fn list(&self, account: AccountId, request: PageRequest) -> Result<Page<Asset>, PortError> {
        let world = self.0.world();
        Ok(page(newest_first(&world.assets, account), request, |asset| asset.id.uuid()))
    }

    async fn delete(&self, account: AccountId, id: AssetId) -> Result<bool, PortError> {
        let mut world = self.0.world();
        if newest_first(&world.ads, account).any(|ad| shown(ad).contains(&id)) {
            return Err(PortError::new(PortErrorKind::Conflict, "assets.delete"));
        }
        Ok(world.assets.remove(&(account, id)).is_some())
    }
}
