//! External services that the operator does not want to be called.

use sea_orm_migration::prelude::*;

use crate::columns::{create_table, drop_tables, instant, line};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let disabled = Table::create()
            .table("disabled_services")
            .col(line("name", 255).primary_key())
            .col(instant("since"))
            .take();
        create_table(manager, disabled).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["disabled_services"]).await
    }
}
