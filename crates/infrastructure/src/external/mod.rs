//! Services outside Adstead's own machines.
//!
//! [`ExternalServiceManager`] is the door: every call to such a service passes through it, is held to the service's
//! policy and counted. [`ai`] writes ad copy.

pub mod ai;
mod manager;
mod policy;
mod retry_after;
mod service;

pub use manager::ExternalServiceManager;
pub use policy::{Call, ServicePolicy, ServiceRefusal};
pub use service::Probe;
