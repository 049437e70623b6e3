//! The `adstead` binary's parts: the command line, telemetry, the server, and the demo that uses it.
//!
//! [`wire`] is the one place where adapters meet ports; [`serve`] runs what it builds.

pub mod background;
pub mod cli;
mod client;
pub mod commands;
pub mod demo;
pub mod failure;
mod jobs;
pub mod serve;
mod settings;
pub mod telemetry;
pub mod wire;
