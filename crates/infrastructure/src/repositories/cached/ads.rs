use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{AdFilter, AdRepository, PortError};
use adstead_domain::{AccountId, Ad, AdId, AssetId, Page, PageRequest, Version};
use async_trait::async_trait;

use super::to_the_end;
use crate::cache::{CacheManager, EntryOptions, shared_failure};

/// Keeps single ads for a while; lists are always read.
pub struct CachedAds {
    ads: Arc<dyn AdRepository>,
    cache: Arc<CacheManager>,
    options: EntryOptions,
}

impl CachedAds {
    /// `ads`, each kept for `ttl` at most.
    pub fn new(ads: Arc<dyn AdRepository>, cache: Arc<CacheManager>, ttl: Duration) -> Self {
        Self { ads, cache, options: EntryOptions::new(ttl) }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AdRepository for CachedAds {
    async fn insert_all(&self, ads: &[Ad]) -> Result<(), PortError> {
        let (inner, cache) = (Arc::clone(&self.ads), Arc::clone(&self.cache));
        let ads = ads.to_vec();
        to_the_end(async move {
            let outcome = inner.insert_all(&ads).await;
            for ad in &ads {
                cache.delete(&key(ad.account_id, ad.id)).await;
            }
            outcome
        })
        .await
    }

    async fn get(&self, account: AccountId, id: AdId) -> Result<Option<Ad>, PortError> {
        let load = self.ads.get(account, id);
        let ad = self.cache.get_or_load_optional(&key(account, id), &self.options, load).await;
        ad.map(|ad| ad.map(Arc::unwrap_or_clone)).map_err(shared_failure)
    }

    async fn update(&self, ad: &Ad) -> Result<Version, PortError> {
        let (inner, cache) = (Arc::clone(&self.ads), Arc::clone(&self.cache));
        let ad = ad.clone();
        to_the_end(async move {
            let outcome = inner.update(&ad).await;
            cache.delete(&key(ad.account_id, ad.id)).await;
            outcome
        })
        .await
    }

    async fn list(
        &self,
        account: AccountId,
        filter: AdFilter,
        page: PageRequest,
    ) -> Result<Page<Ad>, PortError> {
        self.ads.list(account, filter, page).await
    }

    async fn known(&self, account: AccountId, ids: &HashSet<AdId>) -> Result<HashSet<AdId>, PortError> {
        self.ads.known(account, ids).await
    }

    async fn showing(&self, account: AccountId, asset: AssetId) -> Result<Vec<AdId>, PortError> {
        self.ads.showing(account, asset).await
    }
}

fn key(account: AccountId, id: AdId) -> String {
    format!("ad:{account}:{id}")
}
