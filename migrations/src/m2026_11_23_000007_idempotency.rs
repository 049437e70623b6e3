//! Which calls were claimed and what was answered to them; and the secrets with which all nodes sign.
//!
//! A key stands as its digest: of one length, and the same on engines that tell letters apart and on those that do not.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes, create_table, digest, drop_tables, id, index, instant, optional, owner, word};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = Table::create()
            .table("idempotency_keys")
            .col(id("account_id"))
            .col(digest("key_digest"))
            .col(id("claim_id"))
            .col(optional(instant("leased_until")))
            .col(instant("expires_at"))
            .col(optional(digest("fingerprint")))
            .col(optional(bytes(manager, "answer")))
            .primary_key(Index::create().primary().col("account_id").col("key_digest"))
            .foreign_key(&mut owner("idempotency_keys"))
            .take();
        create_table(manager, keys).await?;
        manager.create_index(index("idempotency_keys", &["expires_at"])).await?;

        let secrets = Table::create()
            .table("signing_keys")
            .col(word("purpose"))
            .col(bytes(manager, "secret"))
            .primary_key(Index::create().primary().col("purpose"))
            .take();
        create_table(manager, secrets).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["signing_keys", "idempotency_keys"]).await
    }
}
