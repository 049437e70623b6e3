//! How the managers are doing, as one port.

use std::sync::Arc;

use adstead_domain::port::{PortError, PortErrorKind, SystemStatistics, SystemStatus};
use async_trait::async_trait;

use crate::cache::CacheManager;
use crate::database::{DatabaseManager, SchemaError};
use crate::external::ExternalServiceManager;
use crate::repositories::RepositoryFactory;
use crate::storage::FileStorageManager;

/// The four managers and the repositories, seen by whoever watches over Adstead.
pub struct ManagerStatus {
    /// Holds the data; without it nothing works.
    pub database: Arc<DatabaseManager>,
    /// Spares the database work.
    pub cache: Arc<CacheManager>,
    /// Holds the files.
    pub storage: Arc<FileStorageManager>,
    /// Holds what is called outside.
    pub services: Arc<ExternalServiceManager>,
    /// Tell of events.
    pub repositories: RepositoryFactory,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl SystemStatus for ManagerStatus {
    async fn ready(&self) -> Result<(), PortError> {
        const OPERATION: &str = "system.ready";
        self.database.ready().await.map_err(|error| match error {
            SchemaError::Database(error) => error.during(OPERATION),
            error @ (SchemaError::Newer { .. }
            | SchemaError::Behind { .. }
            | SchemaError::Unlisted
            | SchemaError::Busy { .. }
            | SchemaError::Failed { .. }) => {
                PortError::new(PortErrorKind::Unavailable, OPERATION).with_source(error)
            }
        })
    }

    fn statistics(&self) -> SystemStatistics {
        SystemStatistics {
            database: self.database.statistics(),
            cache: self.cache.stats(),
            storage: self.storage.stats(),
            services: self.services.statistics(),
            outbox: self.repositories.deliveries(),
        }
    }
}
