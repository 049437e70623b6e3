//! Generated copy and where it came from.

use sea_orm_migration::prelude::*;

use crate::columns::{count, create_table, document, drop_tables, id, index, instant, owner, scoped_key};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let generations = Table::create()
            .table("generations")
            .col(id("account_id"))
            .col(id("id"))
            .col(id("requested_by"))
            .col(instant("created_at"))
            .col(count("cost_micros"))
            .col(document(manager, "brief"))
            .col(document(manager, "variants"))
            .col(document(manager, "provenance"))
            .primary_key(&mut scoped_key())
            .foreign_key(&mut owner("generations"))
            .take();
        create_table(manager, generations).await?;
        manager.create_index(index("generations", &["account_id", "requested_by"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["generations"]).await
    }
}
