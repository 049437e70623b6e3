//! The real binary, in temporary folders and on free ports.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod commands;
mod crash;
mod demo;
mod http;
mod nodes;
mod serve;
mod server;
