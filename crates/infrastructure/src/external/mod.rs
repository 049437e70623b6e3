//! Services outside Adstead's own machines.
//!
//! [`ExternalServiceManager`] is the door: every call to such a service passes through it, is held to the service's
//! policy and counted. [`ai`] writes ad copy, [`analytics`] tells sinks what happens, [`notification`] brings news
//! to people and programs.

pub mod ai;
pub mod analytics;
mod counts;
mod http;
mod manager;
mod names;
pub mod notification;
mod outgoing;
mod policy;
mod retry_after;
mod service;
mod standard_webhook;
mod words;

pub use ipnet::IpNet;
pub use manager::ExternalServiceManager;
pub use outgoing::{AddressGuard, AddressRefusal};
pub use policy::{Call, ServicePolicy, Streaming};
pub use service::Probe;
