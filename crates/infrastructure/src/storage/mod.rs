//! Keeps creative files.
//!
//! [`FileStorageManager`] is the door: it counts what passes. Behind it stands a strategy that knows where files live,
//! [`LocalStorageStrategy`] for a folder of this machine. Both keep the contract of the domain's
//! [`FileStore`](adstead_domain::port::FileStore); what a file must be like is checked while it streams, by one code for
//! every strategy.

mod local;
mod manager;
mod validation;

pub use local::LocalStorageStrategy;
pub use manager::{FileStorageManager, OperationStats, StorageStats};
