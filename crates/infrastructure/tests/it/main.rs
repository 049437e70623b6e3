//! The adapters, each through its public door.

mod cache;
mod database;
mod external;
mod status;
mod storage;
mod system;
