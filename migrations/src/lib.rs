//! One schema for SQLite, PostgreSQL and MariaDB.
//!
//! - Ids are UUIDs. What belongs to an account has the primary key `(account_id, id)`, and foreign keys carry the
//!   account too, so that no row can refer to another account's. Users and keys have the primary key `id`, and the
//!   account beside it.
//! - Instants are microseconds since the Unix epoch, money is micros beside an ISO 4217 code, enumerations are their
//!   words, structured values are JSON in text columns.
//! - Who did something (`created_by`, `requested_by`, `uploaded_by`) is a fact that outlives the user: no foreign key.
//!   None have `api_keys.user_id` either, the `ad_id` of performance tables, which are written in bulk and checked before,
//!   and ids inside of JSON.

#![expect(
    elided_lifetimes_in_paths,
    reason = "`MigrationTrait` was declared so, and async_trait wants the same here"
)]

mod columns;
mod m2026_11_23_000001_accounts;
mod m2026_11_23_000002_campaigns;
mod m2026_11_23_000003_assets;
mod m2026_11_23_000004_generations;
mod m2026_11_23_000005_performance;
mod m2026_11_23_000006_optimizations;
mod m2026_11_23_000007_idempotency;
mod m2026_11_23_000009_event_archive;
mod m2026_11_25_000010_outbox;
mod m2026_11_26_000011_asset_contents;
mod m2026_11_26_000012_service_switches;
mod m2026_11_27_000013_notifications;
mod m2026_11_27_000014_ai_spending;
mod script;

pub use script::{Direction, Script, schema_sql, script};
use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager, seaql_migrations};

/// All migrations, in their order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m2026_11_23_000001_accounts::Migration),
            Box::new(m2026_11_23_000002_campaigns::Migration),
            Box::new(m2026_11_23_000003_assets::Migration),
            Box::new(m2026_11_23_000004_generations::Migration),
            Box::new(m2026_11_23_000005_performance::Migration),
            Box::new(m2026_11_23_000006_optimizations::Migration),
            Box::new(m2026_11_23_000007_idempotency::Migration),
            Box::new(m2026_11_23_000009_event_archive::Migration),
            Box::new(m2026_11_25_000010_outbox::Migration),
            Box::new(m2026_11_26_000011_asset_contents::Migration),
            Box::new(m2026_11_26_000012_service_switches::Migration),
            Box::new(m2026_11_27_000013_notifications::Migration),
            Box::new(m2026_11_27_000014_ai_spending::Migration),
        ]
    }
}
