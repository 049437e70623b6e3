use adstead_domain::port::{OptimizationRepository, PortError, PortErrorKind};
use adstead_domain::{AccountId, AdId, OptimizationRun, OptimizationRunId, Page, PageRequest, Version};
use async_trait::async_trait;

use super::store::{MemoryStore, add, newest_first, page};

pub(super) struct MemoryOptimizations(pub(super) MemoryStore);

#[async_trait]
impl OptimizationRepository for MemoryOptimizations {
    async fn insert(&self, run: &OptimizationRun) -> Result<(), PortError> {
        let key = (run.account_id, run.id);
        add(&mut self.0.world().optimizations, key, run.clone(), "optimizations.insert")
    }

    async fn get(
        &self,
        account: AccountId,
        id: OptimizationRunId,
    ) -> Result<Option<OptimizationRun>, PortError> {
        Ok(self.0.world().optimizations.get(&(account, id)).cloned())
    }

    async fn update(&self, run: &OptimizationRun) -> Result<Version, PortError> {
        let mut world = self.0.world();
        let read = world.optimizations.get_mut(&(run.account_id, run.id));
        let Some(row) = read.filter(|row| row.version == run.version) else {
            return Err(PortError::new(PortErrorKind::Stale, "optimizations.update"));
        };
        *row = OptimizationRun { version: run.version.next(), ..run.clone() };
        Ok(row.version)
    }

    async fn of_ad(
        &self,
        account: AccountId,
        ad: AdId,
        request: PageRequest,
    ) -> Result<Page<OptimizationRun>, PortError> {
        let world = self.0.world();
        let wanted = newest_first(&world.optimizations, account).filter(|run| run.ad_id == ad);
        Ok(page(wanted, request, |run| run.id.uuid()))
    }
}
