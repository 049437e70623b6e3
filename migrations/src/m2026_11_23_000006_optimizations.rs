//! Optimization runs.

use sea_orm_migration::prelude::*;

use crate::columns::{
    count, create_table, document, drop_tables, id, index, instant, optional, scoped_key, scoped_reference,
    version,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let runs = Table::create()
            .table("optimization_runs")
            .col(id("account_id"))
            .col(id("id"))
            .col(id("ad_id"))
            .col(instant("range_from"))
            .col(instant("range_to"))
            .col(count("impressions"))
            .col(count("clicks"))
            .col(count("conversions"))
            .col(count("spend_micros"))
            .col(count("revenue_micros"))
            .col(id("created_by"))
            .col(instant("created_at"))
            .col(version())
            .col(document(manager, "recommendations"))
            .col(optional(document(manager, "applied")))
            .primary_key(&mut scoped_key())
            .foreign_key(&mut scoped_reference("optimization_runs", "ad_id", "ads"))
            .take();
        create_table(manager, runs).await?;
        manager.create_index(index("optimization_runs", &["account_id", "ad_id", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["optimization_runs"]).await
    }
}
