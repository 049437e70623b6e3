//! Test doubles that keep their contracts: in-memory adapters of the ports.

mod accounts;
mod ad_groups;
mod ads;
mod alerts;
mod analytics;
mod assets;
mod campaigns;
mod copy_analyst;
mod copy_reviewer;
mod copy_writer;
mod event_archive;
mod files;
mod generations;
mod idempotency;
mod images;
mod notifier;
mod optimizations;
mod outbox;
mod performance;
mod rate_limiter;
mod service_switches;
mod signing;
mod spend_ledger;
mod store;
mod subscriber;
mod subscriptions;
mod system;

use std::sync::Arc;

pub use copy_analyst::PlainAnalyst;
pub use copy_reviewer::PhraseReviewer;
pub use copy_writer::ScriptedCopyWriter;
pub use files::{Gate, MemoryFileStore};
pub use images::PlainRenderer;
pub use notifier::MemoryNotifier;
pub use rate_limiter::MemoryRateLimiter;
pub use subscriber::MemorySubscriber;
pub use system::MemorySystem;

use crate::contract::Repositories;

/// All repositories, over one empty world of their own; events are kept for [`SUBSCRIBERS`](crate::contract::outbox::SUBSCRIBERS).
pub fn repositories() -> Repositories {
    let store = store::MemoryStore::default();
    Repositories {
        accounts: Arc::new(accounts::MemoryAccounts(store.clone())),
        campaigns: Arc::new(campaigns::MemoryCampaigns(store.clone())),
        ad_groups: Arc::new(ad_groups::MemoryAdGroups(store.clone())),
        ads: Arc::new(ads::MemoryAds(store.clone())),
        performance: Arc::new(performance::MemoryPerformance(store.clone())),
        archive: Arc::new(event_archive::MemoryEventArchive(store.clone())),
        analytics: Arc::new(analytics::MemoryAnalytics(store.clone())),
        generations: Arc::new(generations::MemoryGenerations(store.clone())),
        assets: Arc::new(assets::MemoryAssets(store.clone())),
        asset_inventory: Arc::new(assets::MemoryAssetInventory(store.clone())),
        optimizations: Arc::new(optimizations::MemoryOptimizations(store.clone())),
        idempotency_keys: Arc::new(idempotency::MemoryIdempotencyKeys(store.clone())),
        service_switches: Arc::new(service_switches::MemoryServiceSwitches(store.clone())),
        signing_keys: Arc::new(signing::MemorySigningKeys(store.clone())),
        subscriptions: Arc::new(subscriptions::MemorySubscriptions(store.clone())),
        spend_ledger: Arc::new(spend_ledger::MemorySpendLedger(store.clone())),
        alerts: Arc::new(alerts::MemoryAlerts(store.clone())),
        outbox: Arc::new(outbox::MemoryOutbox(store)),
    }
}
