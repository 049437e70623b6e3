mod cache;
mod database;
mod services;
mod storage;
mod times;

use adstead_domain as domain;
use domain::port;
use domain::{Actor, Role};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words;
use cache::Cache;
use database::Database;
use services::Service;
pub(crate) use services::Services;
use storage::Storage;

/// Whose key this is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    account_id: Uuid,
    user_id: Uuid,
    #[schema(value_type = words::Role)]
    role: Role,
}

impl From<Actor> for Me {
    fn from(actor: Actor) -> Self {
        let Actor { account_id, user_id, role } = actor;
        Self { account_id: account_id.uuid(), user_id: user_id.uuid(), role }
    }
}

/// Whether the server lives, or is ready.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`; anything else is a problem.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
}

/// What this node counted since its start.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemStatus {
    database: Database,
    cache: Cache,
    storage: Storage,
    /// External services, by name.
    services: Vec<Service>,
    /// Deliveries of events, by subscriber.
    outbox: Vec<Deliveries>,
}

/// The events that one subscriber was told of.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deliveries {
    /// Who was told.
    #[schema(example = "log")]
    subscriber: String,
    /// Events that were delivered.
    delivered: u64,
    /// Deliveries that failed and were put off.
    postponed: u64,
    /// Events that became dead letters, which `adstead outbox list` shows.
    dead: u64,
    /// How long ago the oldest event had happened that the subscriber was not told of, when this node last looked, in
    /// milliseconds.
    lag_ms: u64,
}

impl From<port::SystemStatistics> for SystemStatus {
    fn from(statistics: port::SystemStatistics) -> Self {
        let port::SystemStatistics { database, cache, storage, services, outbox } = statistics;
        Self {
            database: database.into(),
            cache: cache.into(),
            storage: storage.into(),
            services: services.into_iter().map(Service::from).collect(),
            outbox: outbox.into_iter().map(Deliveries::from).collect(),
        }
    }
}

impl From<port::DeliveryStatistics> for Deliveries {
    fn from(deliveries: port::DeliveryStatistics) -> Self {
        let port::DeliveryStatistics { subscriber, delivered, postponed, dead, lag } = deliveries;
        Self {
            subscriber,
            delivered,
            postponed,
            dead,
            lag_ms: u64::try_from(lag.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
