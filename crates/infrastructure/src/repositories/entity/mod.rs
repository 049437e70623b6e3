//! The rows of the tables, and what they mean.

pub(super) mod accounts;
pub(super) mod ad_groups;
pub(super) mod ads;
pub(super) mod ai_spending;
pub(super) mod alerts;
pub(super) mod api_keys;
pub(super) mod assets;
mod budget;
pub(super) mod campaigns;
pub(super) mod disabled_services;
pub(super) mod generations;
pub(super) mod idempotency_keys;
pub(super) mod optimization_runs;
pub(super) mod outbox;
pub(super) mod performance;
pub(super) mod signing_keys;
pub(super) mod subscriptions;
pub(super) mod users;
pub(super) mod value;
