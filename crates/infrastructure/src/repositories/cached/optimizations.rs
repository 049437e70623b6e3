use std::sync::Arc;

use adstead_domain::port::{OptimizationRepository, PortError};
use adstead_domain::{
    AccountId, Ad, AdId, Campaign, DomainEvent, OptimizationRun, OptimizationRunId, Page, PageRequest,
    Version,
};
use async_trait::async_trait;

use super::{ads, campaigns, to_the_end};
use crate::cache::Cache;

/// Keeps nothing itself: outdates the ad and the campaign that an applied run changed.
pub struct CachedOptimizations {
    optimizations: Arc<dyn OptimizationRepository>,
    ads: Cache<Ad>,
    campaigns: Cache<Campaign>,
}

impl CachedOptimizations {
    /// `optimizations`, beside the caches that keep ads and campaigns.
    pub fn new(
        optimizations: Arc<dyn OptimizationRepository>,
        ads: Cache<Ad>,
        campaigns: Cache<Campaign>,
    ) -> Self {
        Self { optimizations, ads, campaigns }
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
        let inner = Arc::clone(&self.optimizations);
        let (cached_ads, cached_campaigns) = (self.ads.clone(), self.campaigns.clone());
        let (run, ad, campaign, events) = (run.clone(), ad.cloned(), campaign.cloned(), events.to_vec());
        to_the_end(async move {
            let outcome = inner.apply(&run, ad.as_ref(), campaign.as_ref(), &events).await;
            if let Some(ad) = &ad {
                cached_ads.delete(&ads::key(ad.account_id, ad.id)).await;
            }
            if let Some(campaign) = &campaign {
                cached_campaigns.delete(&campaigns::key(campaign.account_id, campaign.id)).await;
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
