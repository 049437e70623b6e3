//! Use cases, one file each: load, let the domain decide, save.
//!
//! A use case is a struct of exactly the ports that it uses, and a method that is read top to bottom. It knows no
//! database, no HTTP and no clock but the port's.

pub mod accounts;
pub mod ad_groups;
pub mod ads;
pub mod alerts;
pub mod analyses;
mod application;
pub mod assets;
pub mod campaigns;
mod error;
pub mod events;
pub mod files;
pub mod generations;
mod happened;
pub mod idempotency;
pub mod notifications;
pub mod optimizations;
pub mod outbox;
pub mod reports;
pub mod services;
mod spending;

pub use application::Application;
pub use error::Error;
