use std::sync::Arc;

use adstead_domain::AccountId;
use adstead_domain::port::{EventBatch, PerformanceRepository, PortError, Recorded};
use async_trait::async_trait;

use super::{figures_of, to_the_end};
use crate::cache::CacheManager;

/// Outdates the reports of an account when new events of it are recorded: here at once, on other nodes within a second.
pub struct CachedPerformance {
    performance: Arc<dyn PerformanceRepository>,
    cache: Arc<CacheManager>,
}

impl CachedPerformance {
    /// `performance`, before a cache of reports.
    pub fn new(performance: Arc<dyn PerformanceRepository>, cache: Arc<CacheManager>) -> Self {
        Self { performance, cache }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl PerformanceRepository for CachedPerformance {
    async fn record(&self, account: AccountId, batch: EventBatch) -> Result<Recorded, PortError> {
        let (inner, cache) = (Arc::clone(&self.performance), Arc::clone(&self.cache));
        to_the_end(async move {
            let outcome = inner.record(account, batch).await;
            // Batches come many a second, and other nodes need not hear of each.
            let told = cache.invalidate_tag_soon(&figures_of(account));
            told.expect("a tag of an id is short");
            outcome
        })
        .await
    }
}
