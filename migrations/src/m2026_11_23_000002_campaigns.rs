//! Campaigns, their ad groups and their ads.

use sea_orm_migration::prelude::*;

use crate::columns::{
    count, create_table, currency, document, drop_tables, id, index, instant, line, optional, owner,
    scoped_key, scoped_reference, version, word,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_campaigns(manager).await?;
        create_ad_groups(manager).await?;
        create_ads(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["ads", "ad_groups", "campaigns"]).await
    }
}

async fn create_campaigns(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let campaigns = Table::create()
        .table("campaigns")
        .col(id("account_id"))
        .col(id("id"))
        .col(line("name", 200))
        .col(word("objective"))
        .col(word("platform"))
        .col(word("status"))
        .col(currency("currency"))
        .col(count("amount_micros"))
        .col(optional(count("daily_limit_micros")))
        .col(optional(count("lifetime_limit_micros")))
        .col(id("created_by"))
        .col(instant("created_at"))
        .col(instant("updated_at"))
        .col(version())
        .col(optional(document(manager, "schedule")))
        .col(document(manager, "targeting"))
        .primary_key(&mut scoped_key())
        .foreign_key(&mut owner("campaigns"))
        .take();
    create_table(manager, campaigns).await?;
    manager.create_index(index("campaigns", &["account_id", "status", "id"])).await?;
    manager.create_index(index("campaigns", &["account_id", "created_by", "status"])).await
}

async fn create_ad_groups(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let ad_groups = Table::create()
        .table("ad_groups")
        .col(id("account_id"))
        .col(id("id"))
        .col(id("campaign_id"))
        .col(line("name", 200))
        .col(optional(currency("currency")))
        .col(optional(count("amount_micros")))
        .col(optional(count("daily_limit_micros")))
        .col(optional(count("lifetime_limit_micros")))
        .col(instant("created_at"))
        .col(instant("updated_at"))
        .col(version())
        .col(optional(document(manager, "targeting")))
        .primary_key(&mut scoped_key())
        .foreign_key(&mut scoped_reference("ad_groups", "campaign_id", "campaigns"))
        .take();
    create_table(manager, ad_groups).await?;
    manager.create_index(index("ad_groups", &["account_id", "campaign_id", "id"])).await
}

async fn create_ads(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let ads = Table::create()
        .table("ads")
        .col(id("account_id"))
        .col(id("id"))
        .col(id("campaign_id"))
        .col(id("ad_group_id"))
        .col(word("platform"))
        .col(word("ad_type"))
        .col(word("status"))
        .col(line("name", 200))
        .col(id("created_by"))
        .col(instant("created_at"))
        .col(instant("updated_at"))
        .col(version())
        .col(line("final_url", 2048))
        .col(document(manager, "copy"))
        .col(document(manager, "asset_ids"))
        .col(document(manager, "editors"))
        .col(document(manager, "reviews"))
        .primary_key(&mut scoped_key())
        .foreign_key(&mut scoped_reference("ads", "campaign_id", "campaigns"))
        .foreign_key(&mut scoped_reference("ads", "ad_group_id", "ad_groups"))
        .take();
    create_table(manager, ads).await?;
    manager.create_index(index("ads", &["account_id", "campaign_id", "id"])).await?;
    manager.create_index(index("ads", &["account_id", "ad_group_id", "id"])).await?;
    manager.create_index(index("ads", &["account_id", "status", "id"])).await?;
    manager.create_index(index("ads", &["account_id", "created_by", "status"])).await
}
