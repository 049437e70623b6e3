//! The database: how it opens, migrates, shares and fails.

mod account;
mod archive;
mod databases;
mod migrating;
mod numbers;
mod opening;
mod outages;
mod outbox;
mod own_schema;
mod proxy;
mod reports;
mod repositories;
mod retries;
mod schema;
mod transactions;
mod verifying;

use std::sync::Arc;

use adstead_infrastructure::database::DatabaseManager;
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_testkit::contract::Repositories;
use adstead_testkit::contract::outbox::interests;
use databases::{Databases, config, open};

fn repositories(database: Arc<DatabaseManager>) -> Repositories {
    let factory = RepositoryFactory::publishing(database, interests());
    Repositories {
        accounts: factory.accounts(),
        campaigns: factory.campaigns(),
        ad_groups: factory.ad_groups(),
        ads: factory.ads(),
        performance: factory.performance(),
        archive: factory.event_archive(),
        analytics: factory.analytics(),
        generations: factory.generations(),
        assets: factory.assets(),
        asset_inventory: factory.asset_inventory(),
        optimizations: factory.optimizations(),
        idempotency_keys: factory.idempotency_keys(),
        service_switches: factory.service_switches(),
        signing_keys: factory.signing_keys(),
        subscriptions: factory.subscriptions(),
        spend_ledger: factory.spend_ledger(),
        alerts: factory.alerts(),
        outbox: factory.outbox(),
    }
}
