use std::collections::HashSet;

use adstead_domain::port::{AdFilter, AdRepository, PortError, PortErrorKind};
use adstead_domain::{AccountId, Ad, AdId, AdStatus, AssetId, DomainEvent, Page, PageRequest, Version};
use async_trait::async_trait;

use super::store::{MemoryStore, World, add, newest_first, page};

pub(super) struct MemoryAds(pub(super) MemoryStore);

/// The files that an ad shows, or may show one day: those of an archived one may go.
pub(super) fn shown(ad: &Ad) -> &[AssetId] {
    if ad.status == AdStatus::Archived { &[] } else { &ad.content.assets }
}

fn require_assets(world: &World, ad: &Ad, operation: &'static str) -> Result<(), PortError> {
    if shown(ad).iter().all(|&asset| world.assets.contains_key(&(ad.account_id, asset))) {
        return Ok(());
    }
    Err(PortError::new(PortErrorKind::Conflict, operation))
}

#[async_trait]
impl AdRepository for MemoryAds {
    async fn insert_all(&self, ads: &[Ad], events: &[DomainEvent]) -> Result<(), PortError> {
        let mut world = self.0.world();
        let mut with_them = world.ads.clone();
        for ad in ads {
            require_assets(&world, ad, "ads.insert_all")?;
            add(&mut with_them, (ad.account_id, ad.id), ad.clone(), "ads.insert_all")?;
        }
        world.ads = with_them;
        world.publish(events);
        Ok(())
    }

    async fn get(&self, account: AccountId, id: AdId) -> Result<Option<Ad>, PortError> {
        Ok(self.0.world().ads.get(&(account, id)).cloned())
    }

    async fn update(&self, ad: &Ad, events: &[DomainEvent]) -> Result<Version, PortError> {
        let mut world = self.0.world();
        let read = world.ads.get(&(ad.account_id, ad.id));
        if read.is_none_or(|row| row.version != ad.version) {
            return Err(PortError::new(PortErrorKind::Stale, "ads.update"));
        }
        require_assets(&world, ad, "ads.update")?;
        let version = ad.version.next();
        world.ads.insert((ad.account_id, ad.id), Ad { version, ..ad.clone() });
        world.publish(events);
        Ok(version)
    }

    async fn list(
        &self,
        account: AccountId,
        filter: AdFilter,
        request: PageRequest,
    ) -> Result<Page<Ad>, PortError> {
        let AdFilter { campaign_id, ad_group_id, status } = filter;
        let world = self.0.world();
        let wanted = newest_first(&world.ads, account)
            .filter(|ad| campaign_id.is_none_or(|campaign| ad.campaign_id == campaign))
            .filter(|ad| ad_group_id.is_none_or(|group| ad.ad_group_id == group))
            .filter(|ad| status.is_none_or(|status| ad.status == status));
        Ok(page(wanted, request, |ad| ad.id.uuid()))
    }

    async fn known(&self, account: AccountId, ids: &HashSet<AdId>) -> Result<HashSet<AdId>, PortError> {
        let world = self.0.world();
        Ok(ids.iter().copied().filter(|id| world.ads.contains_key(&(account, *id))).collect())
    }

    async fn showing(&self, account: AccountId, asset: AssetId) -> Result<Vec<AdId>, PortError> {
        let world = self.0.world();
        let showing = newest_first(&world.ads, account).filter(|ad| shown(ad).contains(&asset));
        let mut showing: Vec<_> = showing.map(|ad| ad.id).collect();
        showing.reverse();
        Ok(showing)
    }
}
