//! The database: how it opens, migrates, shares and fails.

mod opening;
mod reports;
mod repositories;
mod schema;
mod transactions;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use adstead_infrastructure::database::{DatabaseConfig, DatabaseManager};
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_testkit::contract::Repositories;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Databases of one test: files in a folder that goes when this goes.
struct Databases {
    folder: TempDir,
}

impl Databases {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An empty database with the schema of this build: a copy of one that was migrated once.
    async fn migrated(&self) -> Arc<DatabaseManager> {
        let file =
            tempfile::Builder::new().suffix(".db").tempfile_in(&self.folder).expect("a temporary file");
        let path = file.into_temp_path().keep().expect("a file that stays");
        std::fs::copy(template().await, &path).expect("the template can be copied");
        Arc::new(open(&path).await)
    }
}

fn config(path: &Path) -> DatabaseConfig {
    DatabaseConfig {
        max_connections: 4,
        acquire_timeout: Duration::from_secs(30),
        ..DatabaseConfig::new(format!("sqlite://{}", path.display()))
    }
}

async fn open(path: &Path) -> DatabaseManager {
    DatabaseManager::connect(&config(path)).await.expect("a database that opens")
}

/// A database that was migrated and closed, once for all tests.
async fn template() -> &'static Path {
    static TEMPLATE: OnceCell<(TempDir, PathBuf)> = OnceCell::const_new();
    let migrate = async || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("template.db");
        let database = open(&path).await;
        database.migrate().await.expect("migrations that apply");
        database.close().await;
        (folder, path)
    };
    &TEMPLATE.get_or_init(migrate).await.1
}

fn repositories(database: Arc<DatabaseManager>) -> Repositories {
    let factory = RepositoryFactory::new(database);
    Repositories {
        accounts: factory.accounts(),
        campaigns: factory.campaigns(),
        ad_groups: factory.ad_groups(),
        ads: factory.ads(),
        performance: factory.performance(),
        analytics: factory.analytics(),
        generations: factory.generations(),
        assets: factory.assets(),
        optimizations: factory.optimizations(),
        idempotency_keys: factory.idempotency_keys(),
        signing_keys: factory.signing_keys(),
    }
}
