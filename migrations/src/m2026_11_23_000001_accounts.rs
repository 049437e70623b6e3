//! Accounts, their users and their keys.

use sea_orm_migration::prelude::*;

use crate::columns::{
    create_table, currency, digest, drop_tables, flag, id, index, instant, line, optional, owner, word,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let accounts = Table::create()
            .table("accounts")
            .col(id("id").primary_key())
            .col(line("name", 120).unique_key())
            .col(line("time_zone", 64))
            .col(optional(currency("currency")))
            .col(flag("second_reviewer"))
            .col(instant("created_at"))
            .take();
        create_table(manager, accounts).await?;

        let users = Table::create()
            .table("users")
            .col(id("id").primary_key())
            .col(id("account_id"))
            .col(line("email", 254))
            .col(instant("created_at"))
            .foreign_key(&mut owner("users"))
            .take();
        create_table(manager, users).await?;
        manager.create_index(index("users", &["account_id", "email"]).unique().take()).await?;

        let api_keys = Table::create()
            .table("api_keys")
            .col(id("id").primary_key())
            .col(id("account_id"))
            .col(id("user_id"))
            .col(word("role"))
            .col(digest("digest").unique_key())
            .col(instant("created_at"))
            .col(optional(instant("last_used_at")))
            .col(optional(instant("revoked_at")))
            .foreign_key(&mut owner("api_keys"))
            .take();
        create_table(manager, api_keys).await?;
        manager.create_index(index("api_keys", &["account_id", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["api_keys", "users", "accounts"]).await
    }
}
