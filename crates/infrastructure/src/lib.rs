//! Adapters: database, cache, storage and external services behind the ports of the domain.
//!
//! Each manager is usable on its own, by the feature of its name; all are on by default:
//!
//! ```toml
//! adstead-infrastructure = { version = "0.1", default-features = false, features = ["database"] }
//! ```

#[cfg(feature = "cache")]
pub mod cache;
#[cfg(feature = "database")]
pub mod database;
pub mod event_log;
#[cfg(feature = "external")]
pub mod external;
#[cfg(any(feature = "cache", feature = "database", feature = "external", feature = "storage"))]
mod histogram;
#[cfg(feature = "database")]
pub mod repositories;
pub mod resilience;
#[cfg(all(feature = "cache", feature = "database", feature = "external", feature = "storage"))]
pub mod status;
#[cfg(feature = "storage")]
pub mod storage;
pub mod system;
