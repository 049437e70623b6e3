//! Events on their way to those who want to be told of them.
//!
//! It is a queue, in which each message is written, claimed, settled and gone within moments: its key counts up, and it
//! refers to nothing, which every write would have to look up.

use sea_orm_migration::prelude::*;

use crate::columns::{count, create_table, document, drop_tables, id, index, instant, line, optional, word};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = Table::create()
            .table("outbox")
            .col(count("id").auto_increment().primary_key())
            .col(word("subscriber"))
            .col(id("account_id"))
            .col(id("event_id"))
            .col(id("subject_id"))
            .col(line("name", 64))
            .col(id("actor_id"))
            .col(instant("occurred_at"))
            .col(document(manager, "occurrence"))
            .col(ColumnDef::new("attempts").integer().not_null())
            .col(optional(instant("due_at")))
            .col(optional(id("claim_id")))
            .col(optional(document(manager, "failure")))
            .take();
        create_table(manager, outbox).await?;
        manager.create_index(index("outbox", &["subscriber", "due_at", "id"])).await?;
        manager.create_index(index("outbox", &["subscriber", "subject_id", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["outbox"]).await
    }
}
