use std::sync::Arc;

use adstead_domain::port::{OptimizationRepository, PortError};
use adstead_domain::{
    AccountId, Ad, AdId, Campaign, DomainEvent, OptimizationRun, OptimizationRunId, Page, PageRequest,
    Version,
};
use async_trait::async_trait;

use super::{ads, campaigns, to_the_end};
use crate::cache::CacheManager;

/// Keeps nothing itself: outdates the ad and the campaign that an applied run changed.
pub struct CachedOptimizations {
    optimizations: Arc<dyn OptimizationRepository>,
    cache: Arc<CacheManager>,
}

impl CachedOptimizations {
    /// `optimizations`, beside a cache that keeps ads and campaigns.
    pub fn new(optimizations: Arc<dyn OptimizationRepository>, cache: Arc<CacheManager>) -> Self {
        Self { optimizations, cache }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl OptimizationRepository for CachedOptimizations {
    async fn insert(&self, run: &OptimizationRun) -> Result<(), PortError> {
        self.optimizations.insert(run).await
    }

    async fn get(
        &self,
        account: AccountId,
        id: OptimizationRunId,
    ) -> Result<Option<OptimizationRun>, PortError> {
        self.optimizations.get(account, id).await
    }

    async fn apply(
        &self,
        run: &OptimizationRun,
        ad: Option<&Ad>,
        campaign: Option<&Campaign>,
        events: &[DomainEvent],
    ) -> Result<Version, PortError> {
        let (inner, cache) = (Arc::clone(&self.optimizations), Arc::clone(&self.cache));
        let (run, ad, campaign, events) = (run.clone(), ad.cloned(), campaign.cloned(), events.to_vec());
        to_the_end(async move {
            let outcome = inner.apply(&run, ad.as_ref(), campaign.as_ref(), &events).await;
            if let Some(ad) = &ad {
                cache.delete(&ads::key(ad.account_id, ad.id)).await;
            }
            if let Some(campaign) = &campaign {
                cache.delete(&campaigns::key(campaign.account_id, campaign.id)).await;
            }
            outcome
        })
        .await
    }

    async fn of_ad(
        &self,
        account: AccountId,
        ad: AdId,
        page: PageRequest,
    ) -> Result<Page<OptimizationRun>, PortError> {
        self.optimizations.of_ad(account, ad, page).await
    }
}
