//! What is known of creative files.

use sea_orm_migration::prelude::*;

use crate::columns::{
    count, create_table, digest, drop_tables, id, index, instant, line, optional, owner, scoped_key, word,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let assets = Table::create()
            .table("assets")
            .col(id("account_id"))
            .col(id("id"))
            .col(line("name", 200))
            .col(word("content_type"))
            .col(count("size_bytes"))
            .col(digest("sha256"))
            .col(optional(count("width")))
            .col(optional(count("height")))
            .col(id("uploaded_by"))
            .col(instant("created_at"))
            .primary_key(&mut scoped_key())
            .foreign_key(&mut owner("assets"))
            .take();
        create_table(manager, assets).await?;
        manager.create_index(index("assets", &["account_id", "uploaded_by"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["assets"]).await
    }
}
