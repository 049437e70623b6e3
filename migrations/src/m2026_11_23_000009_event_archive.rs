//! Since when events are kept, and the order in which rejected events are read and deleted.

use sea_orm_migration::prelude::*;

use crate::columns::{create_table, drop_tables, index, instant};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let horizon = Table::create()
            .table("event_horizon")
            .col(ColumnDef::new("id").integer().not_null().primary_key().take())
            .col(instant("kept_since"))
            .take();
        create_table(manager, horizon).await?;
        manager.create_index(index("rejected_events", &["account_id", "received_at", "digest"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("ix_rejected_events_account_id_received_at_digest")
            .table("rejected_events")
            .to_owned();
        manager.drop_index(index).await?;
        drop_tables(manager, &["event_horizon"]).await
    }
}
