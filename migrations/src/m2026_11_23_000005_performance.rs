//! Performance events, and the figures rolled up from them.
//!
//! Neither table has a foreign key: whoever records an event has looked its ad up, ads are never deleted, and MariaDB
//! cannot partition a table that has one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::columns::{
    clustered, count, create_table, digest, document, drop_tables, id, instant, line, optional, scoped_key,
    word,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_events(manager).await?;
        create_rejected_events(manager).await?;
        create_rollups(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["performance_rollups", "rejected_events", "performance_events"]).await
    }
}

async fn create_events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let events = Table::create()
        .table("performance_events")
        .col(id("account_id"))
        .col(id("id"))
        .col(word("kind"))
        .col(id("ad_id"))
        .col(instant("occurred_at"))
        .col(instant("received_at"))
        .col(count("cost_micros"))
        .col(count("revenue_micros"))
        .col(optional(line("country", 2)))
        .col(optional(word("device")))
        .col(optional(line("placement", 100)))
        .take();
    create_table(manager, kept_by_time(manager, events)).await
}

/// On PostgreSQL, months are partitions that are made as events arrive and dropped once they are old. The primary key has
/// to name what they are divided by: that an id is there once in all of them is for whoever stores events to see to.
fn kept_by_time(manager: &SchemaManager<'_>, mut events: TableCreateStatement) -> TableCreateStatement {
    if manager.get_database_backend() == DbBackend::Postgres {
        let key = Index::create().primary().col("account_id").col("id").col("occurred_at").take();
        return events.primary_key(&mut key.clone()).extra("PARTITION BY RANGE (occurred_at)").take();
    }
    clustered(manager, events.primary_key(&mut scoped_key()).take())
}

async fn create_rejected_events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let rejected = Table::create()
        .table("rejected_events")
        .col(id("account_id"))
        .col(digest("digest"))
        .col(instant("received_at"))
        .col(document(manager, "reason"))
        .col(document(manager, "payload"))
        .primary_key(Index::create().primary().col("account_id").col("digest"))
        .take();
    create_table(manager, rejected).await
}

/// The key begins with the ad: every report first finds its ads, of which there are few, and then reads one piece of this
/// tree for each. Campaign, group, platform and type are read from the ad; a report joins them to sums, never to rows.
async fn create_rollups(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let rollups = Table::create()
        .table("performance_rollups")
        .col(id("account_id"))
        .col(id("ad_id"))
        .col(instant("bucket_start"))
        .col(count("impressions"))
        .col(count("clicks"))
        .col(count("conversions"))
        .col(count("spend_micros"))
        .col(count("revenue_micros"))
        .primary_key(Index::create().primary().col("account_id").col("ad_id").col("bucket_start"))
        .take();
    create_table(manager, clustered(manager, rollups)).await
}
