use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use adstead_domain::port::{AssetInventory, AssetRepository, AssetTotal, PortError, PortErrorKind};
use adstead_domain::{AccountId, Asset, AssetId, DomainEvent, Page, PageRequest, Sha256Digest};
use async_trait::async_trait;

use super::ads::shown;
use super::store::{MemoryStore, add, newest_first, page};

pub(super) struct MemoryAssets(pub(super) MemoryStore);

#[async_trait]
impl AssetRepository for MemoryAssets {
    async fn insert(&self, asset: &Asset, events: &[DomainEvent]) -> Result<(), PortError> {
        let mut world = self.0.world();
        if newest_first(&world.assets, asset.account_id).any(|other| other.sha256 == asset.sha256) {
            return Err(PortError::new(PortErrorKind::Conflict, "assets.insert"));
        }
        let key = (asset.account_id, asset.id);
        add(&mut world.assets, key, asset.clone(), "assets.insert")?;
        world.publish(events);
        Ok(())
    }

    async fn get(&self, account: AccountId, id: AssetId) -> Result<Option<Asset>, PortError> {
        Ok(self.0.world().assets.get(&(account, id)).cloned())
    }

    async fn of_content(&self, account: AccountId, sha256: Sha256Digest) -> Result<Option<Asset>, PortError> {
        let world = self.0.world();
        Ok(newest_first(&world.assets, account).find(|asset| asset.sha256 == sha256).cloned())
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

pub(super) struct MemoryAssetInventory(pub(super) MemoryStore);

#[async_trait]
impl AssetInventory for MemoryAssetInventory {
    async fn which_exist(
        &self,
        assets: &[(AccountId, AssetId)],
    ) -> Result<Vec<(AccountId, AssetId)>, PortError> {
        let world = self.0.world();
        let asked = assets.iter().copied().collect::<BTreeSet<_>>();
        Ok(asked.into_iter().filter(|asset| world.assets.contains_key(asset)).collect())
    }

    async fn page(&self, after: Option<(AccountId, AssetId)>, limit: u16) -> Result<Vec<Asset>, PortError> {
        let world = self.0.world();
        let rest = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        Ok(world.assets.range(rest).take(limit.into()).map(|(_, asset)| asset.clone()).collect())
    }

    async fn totals(&self) -> Result<Vec<AssetTotal>, PortError> {
        let mut totals = BTreeMap::new();
        for Asset { content_type, size_bytes, .. } in self.0.world().assets.values() {
            let empty = AssetTotal { content_type: *content_type, files: 0, bytes: 0 };
            let total = totals.entry(*content_type).or_insert(empty);
            total.files += 1;
            total.bytes += size_bytes;
        }
        Ok(totals.into_values().collect())
    }
}
