//! Services outside Adstead's own machines.
//!
//! [`ExternalServiceManager`] is the door: every call to such a service passes through it, is held to the service's
//! policy and counted. [`ai`] writes ad copy.

pub mod ai;
mod manager;

pub use manager::{ExternalServiceManager, ServicePolicy};

use std::error::Error;

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
