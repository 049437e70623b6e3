//! The use cases, over in-memory adapters that keep the ports' contracts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod alerts;
mod assets;
mod campaigns;
mod desk;
mod events;
mod files;
mod generations;
mod idempotency;
mod inspect;
mod notifications;
mod optimizations;
mod outbox;
mod reports;
mod rework;
mod steps;
