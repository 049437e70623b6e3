use std::sync::Arc;

use adstead_domain::port::SystemStatus;
use adstead_infrastructure::cache::{CacheConfig, CacheManager};
use adstead_infrastructure::database::{DatabaseConfig, DatabaseManager};
use adstead_infrastructure::external::ExternalServiceManager;
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_infrastructure::status::ManagerStatus;
use adstead_infrastructure::storage::{FileStorageManager, LocalStorageStrategy};
use adstead_testkit::contract::run_all;
use adstead_testkit::contract::system::{CASES, Systems};
use tempfile::TempDir;

/// The managers, over a database in `folder` with the schema of this build or with none.
async fn managers(folder: &TempDir, migrated: bool) -> Arc<dyn SystemStatus> {
    let file = folder.path().join(if migrated { "migrated.db" } else { "empty.db" });
    let config = DatabaseConfig::new(format!("sqlite://{}", file.display()));
    let database = DatabaseManager::connect(&config).await.expect("a database in a temporary folder");
    if migrated {
        database.migrate().await.expect("migrations of this build");
    }
    let files = LocalStorageStrategy::open(folder.path().join("files")).await.expect("a temporary folder");
    let database = Arc::new(database);
    Arc::new(ManagerStatus {
        repositories: RepositoryFactory::new(Arc::clone(&database)),
        database,
        cache: Arc::new(CacheManager::new(&CacheConfig::in_memory(1 << 20))),
        storage: Arc::new(FileStorageManager::new(Arc::new(files))),
        services: Arc::new(ExternalServiceManager::new()),
    })
}

#[tokio::test]
async fn the_managers_keep_the_contract_of_their_status() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let make = async || {
        let (in_order, out_of_order) = (managers(&folder, true).await, managers(&folder, false).await);
        Arc::new(Systems { in_order, out_of_order })
    };
    run_all("ManagerStatus", "SystemStatus", CASES, make).await;
}
