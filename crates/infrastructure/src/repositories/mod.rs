//! The repositories of the domain over a database. [`RepositoryFactory`] makes them; [`cached`] puts a cache before those
//! that are read most.

mod accounts;
mod ad_groups;
mod ads;
mod analytics;
mod assets;
#[cfg(feature = "cache")]
pub mod cached;
mod campaigns;
mod entity;
mod generations;
mod idempotency;
mod optimizations;
mod paging;
mod performance;
mod signing;
mod sql;

use std::sync::Arc;

use adstead_domain::Version;
use adstead_domain::port::{
    AccountRepository, AdGroupRepository, AdRepository, AnalyticsRepository, AssetRepository,
    CampaignRepository, GenerationRepository, IdempotencyRepository, OptimizationRepository,
    PerformanceRepository, PortError, PortErrorKind, SigningKeys,
};

use crate::database::DatabaseManager;

/// Makes the repositories of one database.
#[derive(Clone)]
pub struct RepositoryFactory {
    database: Arc<DatabaseManager>,
}

impl RepositoryFactory {
    /// The repositories of `database`, whose schema must be up to date.
    pub fn new(database: Arc<DatabaseManager>) -> Self {
        Self { database }
    }

    /// Accounts, users and keys.
    pub fn accounts(&self) -> Arc<dyn AccountRepository> {
        Arc::new(accounts::DatabaseAccounts { database: self.database() })
    }

    /// Campaigns.
    pub fn campaigns(&self) -> Arc<dyn CampaignRepository> {
        Arc::new(campaigns::DatabaseCampaigns { database: self.database() })
    }

    /// Ad groups.
    pub fn ad_groups(&self) -> Arc<dyn AdGroupRepository> {
        Arc::new(ad_groups::DatabaseAdGroups { database: self.database() })
    }

    /// Ads.
    pub fn ads(&self) -> Arc<dyn AdRepository> {
        Arc::new(ads::DatabaseAds { database: self.database() })
    }

    /// What counts performance events.
    pub fn performance(&self) -> Arc<dyn PerformanceRepository> {
        Arc::new(performance::DatabasePerformance::new(self.database()))
    }

    /// What reads figures.
    pub fn analytics(&self) -> Arc<dyn AnalyticsRepository> {
        Arc::new(analytics::DatabaseAnalytics { database: self.database() })
    }

    /// Optimization runs.
    pub fn optimizations(&self) -> Arc<dyn OptimizationRepository> {
        Arc::new(optimizations::DatabaseOptimizations { database: self.database() })
    }

    /// Generations.
    pub fn generations(&self) -> Arc<dyn GenerationRepository> {
        Arc::new(generations::DatabaseGenerations { database: self.database() })
    }

    /// Assets.
    pub fn assets(&self) -> Arc<dyn AssetRepository> {
        Arc::new(assets::DatabaseAssets { database: self.database() })
    }

    /// Keys of calls that are carried out once.
    pub fn idempotency_keys(&self) -> Arc<dyn IdempotencyRepository> {
        Arc::new(idempotency::DatabaseIdempotencyKeys { database: self.database() })
    }

    /// The secrets with which all nodes sign.
    pub fn signing_keys(&self) -> Arc<dyn SigningKeys> {
        Arc::new(signing::DatabaseSigningKeys { database: self.database() })
    }

    fn database(&self) -> Arc<DatabaseManager> {
        Arc::clone(&self.database)
    }
}

/// The version after an update that was bound to `version`: where it met no row, somebody was faster.
fn version_after(updated: u64, version: Version, operation: &'static str) -> Result<Version, PortError> {
    if updated == 0 {
        return Err(PortError::new(PortErrorKind::Stale, operation));
    }
    Ok(version.next())
}
