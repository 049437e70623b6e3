//! Adapters: database, cache, storage and external services behind the ports of the domain.

pub mod cache;
pub mod database;
pub mod external;
mod histogram;
pub mod repositories;
pub mod resilience;
pub mod status;
pub mod storage;
pub mod system;
