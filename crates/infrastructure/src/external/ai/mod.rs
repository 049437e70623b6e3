//! Writing ad copy by machine.
//!
//! [`AiProviderService`] is the domain's [`CopyWriter`](adstead_domain::port::CopyWriter). It knows providers by name:
//! `offline`, the built-in writer, which needs no key and no network, and any number of servers that speak OpenAI's chat
//! API. They are asked in the order of the settings until one answers.

#[cfg(feature = "cache")]
mod cached;
mod config;
mod offline;
mod openai;
mod provider;
mod service;
mod spending;

#[cfg(feature = "cache")]
pub use cached::CachedCopyWriter;
pub use config::{AiConfig, AiConfigError, Prices, ProviderConfig};
pub use service::AiProviderService;

/// The name of the built-in writer.
pub const OFFLINE: &str = crate::external::names::OFFLINE;
