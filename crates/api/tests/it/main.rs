//! The API over its real router, with in-memory adapters behind the use cases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod age;
mod analyses;
mod app;
mod assets;
mod client;
mod cycle;
mod document;
mod events;
mod hostile;
mod idempotency;
mod input;
mod inspections;
mod isolation;
mod layers;
mod log;
mod problems;
mod rates;
mod renditions;
mod reports;
mod reworks;
mod roles;
mod spend;
mod strays;
mod streams;
mod subscriptions;
mod uploads;
mod versions;
