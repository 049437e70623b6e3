use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{AdFilter, AdRepository, PortError};
use adstead_domain::{
    AccountId, Ad, AdContent, AdCopy, AdId, AssetId, DomainEvent, Page, PageRequest, UserId, Version,
};
use async_trait::async_trait;

use super::{in_time, to_the_end};
use crate::cache::{Cache, EntryOptions};

/// Keeps single ads for a while; lists are always read.
pub struct CachedAds {
    ads: Arc<dyn AdRepository>,
    cache: Cache<Ad>,
}

impl CachedAds {
    /// `ads`, each kept in `cache`.
    pub fn new(ads: Arc<dyn AdRepository>, cache: Cache<Ad>) -> Self {
        Self { ads, cache }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AdRepository for CachedAds {
    async fn insert_all(&self, ads: &[Ad], events: &[DomainEvent]) -> Result<(), PortError> {
        let (inner, cache) = (Arc::clone(&self.ads), self.cache.clone());
        let (ads, events) = (ads.to_vec(), events.to_vec());
        to_the_end(async move {
            let outcome = inner.insert_all(&ads, &events).await;
            let keys: Vec<_> = ads.iter().map(|ad| key(ad.account_id, ad.id)).collect();
            cache.delete_many(&keys).await;
            outcome
        })
        .await
    }

    async fn get(&self, account: AccountId, id: AdId) -> Result<Option<Ad>, PortError> {
        let inner = Arc::clone(&self.ads);
        let load = move || async move { inner.get(account, id).await };
        let ad = in_time("ads.get", self.cache.get_or_load_optional(&key(account, id), load)).await?;
        match ad.map(Arc::unwrap_or_clone) {
            // What Redis has may have been put there by others.
            Some(ad) if ad.account_id != account || ad.id != id => self.ads.get(account, id).await,
            ad => Ok(ad),
        }
    }

    async fn update(&self, ad: &Ad, events: &[DomainEvent]) -> Result<Version, PortError> {
        let (inner, cache) = (Arc::clone(&self.ads), self.cache.clone());
        let (ad, events) = (ad.clone(), events.to_vec());
        to_the_end(async move {
            let outcome = inner.update(&ad, &events).await;
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

/// What an ad takes in memory: itself, its texts and its lists.
fn bytes(ad: &Ad) -> u32 {
    let AdContent { copy, final_url, assets } = &ad.content;
    let AdCopy { headlines, descriptions, call_to_action } = copy;
    let lines = headlines.iter().chain(descriptions).map(|line| size_of::<String>() + line.len());
    let notes = ad.reviews.iter().filter_map(|review| review.notes.as_ref());
    let reviews = size_of_val(ad.reviews.as_slice()) + notes.map(|notes| notes.as_str().len()).sum::<usize>();
    let ids = size_of_val(assets.as_slice()) + ad.editors.len() * size_of::<UserId>();
    let words = ad.name.as_str().len()
        + call_to_action.as_ref().map_or(0, |words| words.as_str().len())
        + final_url.as_str().len();
    u32::try_from(size_of::<Ad>() + lines.sum::<usize>() + reviews + ids + words).unwrap_or(u32::MAX)
}

/// The form in which `Ad` is stored, to be counted up with each change to it: another one is not read.
const FORM: u32 = 1;

/// How ads are kept.
pub(super) fn options(ttl: Duration) -> EntryOptions<Ad> {
    EntryOptions::new(ttl).version(FORM).weighing(bytes)
}

pub(super) fn key(account: AccountId, id: AdId) -> String {
    format!("{account}:{id}")
}
