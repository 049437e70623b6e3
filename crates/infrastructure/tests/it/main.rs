//! The adapters, each through its public door.

mod cache;
mod database;
mod event_log;
mod external;
mod images;
mod rates;
mod status;
mod storage;
mod storage_decorators;
mod system;
