//! Who wants to be told of what, and what was told.

use sea_orm_migration::prelude::*;

use crate::columns::{
    create_table, document, drop_tables, id, index, instant, line, optional, owner, scoped_key, version, word,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let subscriptions = Table::create()
            .table("subscriptions")
            .col(id("account_id"))
            .col(id("id"))
            .col(id("user_id"))
            .col(document(manager, "events"))
            .col(document(manager, "destination"))
            .col(document(manager, "timing"))
            .col(optional(word("suspended")))
            .col(optional(instant("suspended_at")))
            .col(instant("created_at"))
            .col(version())
            .primary_key(&mut scoped_key())
            .foreign_key(&mut owner("subscriptions"))
            .take();
        create_table(manager, subscriptions).await?;
        // News name nothing but the subscription.
        manager.create_index(index("subscriptions", &["id"])).await?;
        let alerts = Table::create()
            .table("alerts")
            .col(line("alert_key", 200).primary_key())
            .col(instant("raised_at"))
            .take();
        create_table(manager, alerts).await?;
        manager.create_index(index("alerts", &["raised_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["subscriptions", "alerts"]).await
    }
}
