//! The rules of advertising, as somebody meets them who works with campaigns and ads.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod ads;
mod campaigns;
mod domain_events;
mod events;
mod files;
mod generations;
mod optimizations;
mod policy;
mod reports;
