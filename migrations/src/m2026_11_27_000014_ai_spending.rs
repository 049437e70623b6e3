//! What accounts spend on language models, day by day.

use sea_orm_migration::prelude::*;

use crate::columns::{count, create_table, drop_tables, id, line, owner};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let spending = Table::create()
            .table("ai_spending")
            .col(id("account_id"))
            .col(line("day", 10))
            .col(count("spent_micros"))
            .primary_key(&mut Index::create().primary().col("account_id").col("day").take())
            .foreign_key(&mut owner("ai_spending"))
            .take();
        create_table(manager, spending).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["ai_spending"]).await
    }
}
