//! Connections, transactions and the schema of a database.
//!
//! [`DatabaseManager`] is the door, and usable on its own:
//!
//! ```
//! use adstead_infrastructure::database::sea_orm::ConnectionTrait;
//! use adstead_infrastructure::database::{DatabaseConfig, DatabaseError, DatabaseManager};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! let folder = tempfile::tempdir()?;
//! let url = format!("sqlite://{}", folder.path().join("app.db").display());
//! let database = DatabaseManager::connect(&DatabaseConfig::new(url)).await?;
//!
//! database
//!     .transaction(async |tx| {
//!         tx.execute_unprepared("CREATE TABLE notes (text TEXT)").await?;
//!         tx.execute_unprepared("INSERT INTO notes VALUES ('kept')").await?;
//!         Ok::<_, DatabaseError>(())
//!     })
//!     .await?;
//! assert_eq!(database.statistics().transactions, 1);
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
pub use schema::{Difference, MigrationStatus, Remains, SchemaError, schema_sql};
/// The very version that closures of [`DatabaseManager`] speak with a database in.
pub use sea_orm;
