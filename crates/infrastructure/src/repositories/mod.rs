//! The repositories of the domain over a database. [`RepositoryFactory`] makes them; [`cached`] puts a cache before those
//! that are read most.

mod accounts;
mod ad_groups;
mod ads;
mod alerts;
mod analytics;
mod asset_inventory;
mod assets;
#[cfg(feature = "cache")]
pub mod cached;
mod campaigns;
mod entity;
mod event_archive;
mod generations;
mod idempotency;
mod optimizations;
mod outbox;
mod paging;
mod performance;
mod service_switches;
mod signing;
mod spend_ledger;
mod sql;
mod subscriptions;
mod written;

use std::sync::Arc;

use adstead_domain::port::{
    AccountRepository, AdGroupRepository, AdRepository, Alerts, AnalyticsRepository, AssetInventory,
    AssetRepository, CampaignRepository, DeliveryStatistics, EventArchive, GenerationRepository,
    IdempotencyRepository, Interest, OptimizationRepository, Outbox, PerformanceRepository, ServiceSwitches,
    SigningKeys, SpendLedger, SubscriptionRepository,
};
use tokio::sync::watch;

use self::outbox::{Deliveries, Publisher};
use crate::database::DatabaseManager;

/// Makes the repositories of one database.
#[derive(Clone)]
pub struct RepositoryFactory {
    database: Arc<DatabaseManager>,
    publisher: Arc<Publisher>,
    deliveries: Arc<Deliveries>,
}

impl RepositoryFactory {
    /// The repositories of `database`, whose schema must be up to date. Nobody is told of what happens.
    pub fn new(database: Arc<DatabaseManager>) -> Self {
        Self::publishing(database, Vec::new())
    }

    /// The repositories of `database`, which keep each event for each subscriber who wants it, until
    /// [`outbox`](Self::outbox) has had it delivered.
    pub fn publishing(database: Arc<DatabaseManager>, interests: Vec<Interest>) -> Self {
        let deliveries = Arc::new(Deliveries::to(interests.iter().map(|to| to.subscriber.clone())));
        Self { database, publisher: Arc::new(Publisher::to(interests)), deliveries }
    }

    /// Events on their way.
    pub fn outbox(&self) -> Arc<dyn Outbox> {
        Arc::new(outbox::DatabaseOutbox {
            database: self.database(),
            deliveries: Arc::clone(&self.deliveries),
            publisher: self.publisher(),
        })
    }

    /// What the [`outbox`](Self::outbox) of this factory, or of a clone of it, has had delivered.
    pub fn deliveries(&self) -> Vec<DeliveryStatistics> {
        self.deliveries.statistics()
    }

    /// Changes when a repository of this factory, or of a clone of it, has committed events.
    pub fn events_committed(&self) -> watch::Receiver<()> {
        self.publisher.wakes()
    }

    /// Accounts, users and keys.
    pub fn accounts(&self) -> Arc<dyn AccountRepository> {
        Arc::new(accounts::DatabaseAccounts { database: self.database() })
    }

    /// Campaigns.
    pub fn campaigns(&self) -> Arc<dyn CampaignRepository> {
        Arc::new(campaigns::DatabaseCampaigns { database: self.database(), publisher: self.publisher() })
    }

    /// Ad groups.
    pub fn ad_groups(&self) -> Arc<dyn AdGroupRepository> {
        Arc::new(ad_groups::DatabaseAdGroups { database: self.database(), publisher: self.publisher() })
    }

    /// Ads.
    pub fn ads(&self) -> Arc<dyn AdRepository> {
        Arc::new(ads::DatabaseAds { database: self.database(), publisher: self.publisher() })
    }

    /// What counts performance events.
    pub fn performance(&self) -> Arc<dyn PerformanceRepository> {
        Arc::new(performance::DatabasePerformance::new(self.database(), self.publisher()))
    }

    /// What keeps events, and proves figures by them.
    pub fn event_archive(&self) -> Arc<dyn EventArchive> {
        Arc::new(event_archive::DatabaseEventArchive { database: self.database() })
    }

    /// What reads figures.
    pub fn analytics(&self) -> Arc<dyn AnalyticsRepository> {
        Arc::new(analytics::DatabaseAnalytics { database: self.database() })
    }

    /// Optimization runs.
    pub fn optimizations(&self) -> Arc<dyn OptimizationRepository> {
        Arc::new(optimizations::DatabaseOptimizations {
            database: self.database(),
            publisher: self.publisher(),
        })
    }

    /// Generations.
    pub fn generations(&self) -> Arc<dyn GenerationRepository> {
        Arc::new(generations::DatabaseGenerations { database: self.database(), publisher: self.publisher() })
    }

    /// Assets.
    pub fn assets(&self) -> Arc<dyn AssetRepository> {
        Arc::new(assets::DatabaseAssets { database: self.database(), publisher: self.publisher() })
    }

    /// The assets of all accounts.
    pub fn asset_inventory(&self) -> Arc<dyn AssetInventory> {
        Arc::new(asset_inventory::DatabaseAssetInventory { database: self.database() })
    }

    /// Keys of calls that are carried out once.
    pub fn idempotency_keys(&self) -> Arc<dyn IdempotencyRepository> {
        Arc::new(idempotency::DatabaseIdempotencyKeys { database: self.database() })
    }

    /// External services that the operator does not want to be called.
    pub fn service_switches(&self) -> Arc<dyn ServiceSwitches> {
        Arc::new(service_switches::DatabaseServiceSwitches { database: self.database() })
    }

    /// Who wants to be told of what.
    pub fn subscriptions(&self) -> Arc<dyn SubscriptionRepository> {
        Arc::new(subscriptions::DatabaseSubscriptions { database: self.database() })
    }

    /// What accounts spend on language models.
    pub fn spend_ledger(&self) -> Arc<dyn SpendLedger> {
        Arc::new(spend_ledger::DatabaseSpendLedger { database: self.database() })
    }

    /// What Adstead found out by itself.
    pub fn alerts(&self) -> Arc<dyn Alerts> {
        Arc::new(alerts::DatabaseAlerts { database: self.database(), publisher: self.publisher() })
    }

    /// The secrets with which all nodes sign.
    pub fn signing_keys(&self) -> Arc<dyn SigningKeys> {
        Arc::new(signing::DatabaseSigningKeys { database: self.database() })
    }

    fn database(&self) -> Arc<DatabaseManager> {
        Arc::clone(&self.database)
    }

    fn publisher(&self) -> Arc<Publisher> {
        Arc::clone(&self.publisher)
    }
}
