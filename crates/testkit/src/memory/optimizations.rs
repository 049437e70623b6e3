use adstead_domain::port::{OptimizationRepository, PortError, PortErrorKind};
use adstead_domain::{
    AccountId, Ad, AdId, Campaign, DomainEvent, OptimizationRun, OptimizationRunId, Page, PageRequest,
    Version,
};
use async_trait::async_trait;

use super::store::{MemoryStore, World, add, newest_first, page};

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

    async fn apply(
        &self,
        run: &OptimizationRun,
        ad: Option<&Ad>,
        campaign: Option<&Campaign>,
        events: &[DomainEvent],
    ) -> Result<Version, PortError> {
        let mut world = self.0.world();
        let World { optimizations, ads, campaigns, .. } = &mut *world;
        let stale = || PortError::new(PortErrorKind::Stale, "optimizations.apply");
        let key = (run.account_id, run.id);
        let run_row =
            optimizations.get_mut(&key).filter(|row| row.version == run.version).ok_or_else(stale)?;
        // All are checked before one is written.
        let mut ad_row = None;
        if let Some(ad) = ad {
            let row = ads.get_mut(&(ad.account_id, ad.id)).filter(|row| row.version == ad.version);
            ad_row = Some((row.ok_or_else(stale)?, ad));
        }
        let mut campaign_row = None;
        if let Some(campaign) = campaign {
            let key = (campaign.account_id, campaign.id);
            let row = campaigns.get_mut(&key).filter(|row| row.version == campaign.version);
            campaign_row = Some((row.ok_or_else(stale)?, campaign));
        }
        *run_row = OptimizationRun { version: run.version.next(), ..run.clone() };
        if let Some((row, ad)) = ad_row {
            *row = Ad { version: ad.version.next(), ..ad.clone() };
        }
        if let Some((row, campaign)) = campaign_row {
            *row = Campaign { version: campaign.version.next(), ..campaign.clone() };
        }
        let version = run_row.version;
        world.publish(events);
        Ok(version)
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
