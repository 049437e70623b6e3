//! An account has a content once.
//!
//! Assets that were uploaded before may share a content: the first of them keeps it.

use sea_orm_migration::prelude::*;

use crate::columns::{digest, index, optional};

const INDEX: &str = "ix_assets_account_id_unique_sha256";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = optional(digest("unique_sha256"));
        manager.alter_table(Table::alter().table("assets").add_column(column).take()).await?;
        let first_of_its_content = "UPDATE assets SET unique_sha256 = sha256 WHERE NOT EXISTS (\
             SELECT 1 FROM assets other WHERE other.account_id = assets.account_id \
             AND other.sha256 = assets.sha256 AND other.id < assets.id)";
        manager.get_connection().execute_unprepared(first_of_its_content).await?;
        manager.create_index(index("assets", &["account_id", "unique_sha256"]).unique().to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table("assets").to_owned()).await?;
        manager.alter_table(Table::alter().table("assets").drop_column("unique_sha256").take()).await
    }
}
