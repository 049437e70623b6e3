//! Connections, transactions and the schema of a database.
//!
//! [`DatabaseManager`] is the door, and usable on its own, for tables that have nothing to do with Adstead's:
//!
//! ```
//! use adstead_infrastructure::database::sea_orm::ConnectionTrait;
//! use adstead_infrastructure::database::{DatabaseConfig, DatabaseError, DatabaseManager, Migrations};
//! use sea_orm_migration::prelude::*;
//!
//! struct Migrator;
//!
//! impl MigratorTrait for Migrator {
//!     fn migrations() -> Vec<Box<dyn MigrationTrait>> {
//!         vec![Box::new(Notes)]
//!     }
//! }
//!
//! struct Notes;
//!
//! impl MigrationName for Notes {
//!     fn name(&self) -> &str {
//!         "m2026_01_05_000001_notes"
//!     }
//! }
//!
//! #[async_trait::async_trait]
//! impl MigrationTrait for Notes {
//!     async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
//!         let text = ColumnDef::new("text").string_len(200).not_null().take();
//!         manager.create_table(Table::create().table("notes").col(text).take()).await
//!     }
//!
//!     async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
//!         manager.drop_table(Table::drop().table("notes").take()).await
//!     }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! let folder = tempfile::tempdir()?;
//! let url = format!("sqlite://{}", folder.path().join("app.db").display());
//! let migrations = Migrations::of::<Migrator>();
//! let database = DatabaseManager::connect_with(&DatabaseConfig::new(url), migrations).await?;
//! assert_eq!(database.migrate().await?, ["m2026_01_05_000001_notes"]);
//!
//! database
//!     .transaction(async |tx| {
//!         tx.execute_unprepared("INSERT INTO notes VALUES ('kept')").await?;
//!         Ok::<_, DatabaseError>(())
//!     })
//!     .await?;
//! assert_eq!(database.statistics().transactions, 2);
//! database.close().await;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod address;
mod codes;
mod config;
mod error;
mod fault;
mod gate;
mod manager;
mod open;
mod open_error;
mod place;
mod pool;
mod retry;
mod schema;
mod statements;
mod suspicion;

pub use address::Engine;
pub use adstead_migrations::{Direction, Script};
pub use config::DatabaseConfig;
pub use error::{DatabaseError, TransactionError};
pub use fault::Fault;
pub use manager::DatabaseManager;
pub use open_error::OpenError;
pub use pool::{ConnectionPool, PoolStats, Role};
pub use schema::{Difference, MigrationStatus, Migrations, Remains, SchemaError, schema_sql};
/// The very version that closures of [`DatabaseManager`] speak with a database in.
pub use sea_orm;
