//! The real binary, in temporary folders and on free ports.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod cache;
mod commands;
mod crash;
mod demo;
mod faults;
mod generated;
mod http;
mod migrate;
mod nodes;
mod outbox;
mod refusals;
mod serve;
mod server;
mod services;
mod storage;
mod telling;
