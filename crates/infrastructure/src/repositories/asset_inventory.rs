use std::sync::Arc;

use adstead_domain::port::{AssetInventory, AssetTotal, PortError};
use adstead_domain::{AccountId, Asset, AssetId};
use async_trait::async_trait;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entity::assets::{Column, Entity};
use super::entity::value::{parsed, unsigned};
use super::sql::sum;
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseAssetInventory {
    pub(super) database: Arc<DatabaseManager>,
}

/// How many pairs are asked for in one statement.
const PAIRS: usize = 200;

#[async_trait]
impl AssetInventory for DatabaseAssetInventory {
    #[tracing::instrument(level = "debug", skip_all, fields(assets = assets.len()), err(level = "debug"))]
    async fn which_exist(
        &self,
        assets: &[(AccountId, AssetId)],
    ) -> Result<Vec<(AccountId, AssetId)>, PortError> {
        let found = self.database.read(async |database| {
            let mut exist = Vec::new();
            for pairs in assets.chunks(PAIRS) {
                let is_one = pairs.iter().fold(Condition::any(), |any, (account, asset)| {
                    any.add(Column::AccountId.eq(account.uuid()).and(Column::Id.eq(asset.uuid())))
                });
                let wanted =
                    Entity::find().select_only().columns([Column::AccountId, Column::Id]).filter(is_one);
                let rows = wanted.into_tuple::<(Uuid, Uuid)>().all(database).await?;
                exist.extend(
                    rows.into_iter().map(|(account, id)| (AccountId::new(account), AssetId::new(id))),
                );
            }
            // The same pair may stand in two chunks.
            exist.sort_unstable();
            exist.dedup();
            Ok(exist)
        });
        found.await.map_err(|error: DatabaseError| error.during("asset_inventory.which_exist"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn page(&self, after: Option<(AccountId, AssetId)>, limit: u16) -> Result<Vec<Asset>, PortError> {
        let page = self.database.read(async |database| {
            let mut wanted = Entity::find()
                .order_by_asc(Column::AccountId)
                .order_by_asc(Column::Id)
                .limit(u64::from(limit));
            if let Some((account, asset)) = after {
                let later_of_account = Column::AccountId.eq(account.uuid()).and(Column::Id.gt(asset.uuid()));
                wanted = wanted.filter(Column::AccountId.gt(account.uuid()).or(later_of_account));
            }
            let rows = wanted.all(database).await?;
            rows.into_iter().map(Asset::try_from).collect::<Result<Vec<_>, _>>()
        });
        page.await.map_err(|error: DatabaseError| error.during("asset_inventory.page"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn totals(&self) -> Result<Vec<AssetTotal>, PortError> {
        let totals = self.database.read(async |database| {
            let wanted = Entity::find()
                .select_only()
                .column(Column::ContentType)
                .column_as(Column::Id.count(), "files")
                .column_as(sum(self.database.engine(), Expr::col(Column::SizeBytes)), "bytes")
                .group_by(Column::ContentType);
            let rows = wanted.into_model::<TotalRow>().all(database).await?;
            rows.into_iter().map(AssetTotal::try_from).collect::<Result<Vec<_>, _>>()
        });
        totals.await.map_err(|error: DatabaseError| error.during("asset_inventory.totals"))
    }
}

#[derive(FromQueryResult)]
struct TotalRow {
    content_type: String,
    files: i64,
    bytes: i64,
}

impl TryFrom<TotalRow> for AssetTotal {
    type Error = DatabaseError;

    fn try_from(row: TotalRow) -> Result<Self, Self::Error> {
        let TotalRow { content_type, files, bytes } = row;
        Ok(Self {
            content_type: parsed("assets.content_type", &content_type)?,
            files: unsigned("count(assets)", files)?,
            bytes: unsigned("sum(assets.size_bytes)", bytes)?,
        })
    }
}
