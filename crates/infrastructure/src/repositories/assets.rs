use std::sync::Arc;

use adstead_domain::port::{AssetRepository, PortError};
use adstead_domain::{AccountId, Asset, AssetId, DomainEvent, Page, PageRequest, Sha256Digest};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::ads;
use super::entity::assets::{Column, Entity, Model};
use super::outbox::Publisher;
use super::paging::overfetched;
use crate::database::{DatabaseError, DatabaseManager, Fault};

pub(super) struct DatabaseAssets {
    pub(super) database: Arc<DatabaseManager>,
    pub(super) publisher: Arc<Publisher>,
}

#[async_trait]
impl AssetRepository for DatabaseAssets {
    #[tracing::instrument(level = "debug", skip_all, fields(asset = %asset.id), err(level = "debug"))]
    async fn insert(&self, asset: &Asset, events: &[DomainEvent]) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| {
                Entity::insert(Model::from(asset).into_active_model()).exec_without_returning(tx).await?;
                self.publisher.publish(tx, events).await
            })
            .await
            .map_err(|error: DatabaseError| error.during("assets.insert"))?;
        self.publisher.committed(events);
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(asset = %id), err(level = "debug"))]
    async fn get(&self, account: AccountId, id: AssetId) -> Result<Option<Asset>, PortError> {
        self.database
            .read(async |database| {
                let row = Entity::find_by_id((account.uuid(), id.uuid())).one(database).await?;
                row.map(Asset::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("assets.get"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn of_content(&self, account: AccountId, sha256: Sha256Digest) -> Result<Option<Asset>, PortError> {
        self.database
            .read(async |database| {
                let has_it = Column::UniqueSha256.eq(sha256.to_string());
                let wanted = Entity::find().filter(Column::AccountId.eq(account.uuid())).filter(has_it);
                wanted.one(database).await?.map(Asset::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("assets.of_content"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn list(&self, account: AccountId, page: PageRequest) -> Result<Page<Asset>, PortError> {
        self.database
            .read(async |database| {
                let wanted = Entity::find().filter(Column::AccountId.eq(account.uuid()));
                let rows = overfetched(wanted, Column::Id, page).all(database).await?;
                let assets = rows.into_iter().map(Asset::try_from).collect::<Result<_, _>>()?;
                Ok(Page::from_overfetched(assets, page, |asset: &Asset| asset.id.uuid()))
            })
            .await
            .map_err(|error: DatabaseError| error.during("assets.list"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(asset = %id), err(level = "debug"))]
    async fn delete(
        &self,
        account: AccountId,
        id: AssetId,
        events: &[DomainEvent],
    ) -> Result<bool, PortError> {
        let is_deleted = self
            .database
            .transaction(async |tx| {
                // Whoever stores an ad that shows it locks its row first (`ads::require_assets`): from here on nobody can.
                let deleted = Entity::delete_by_id((account.uuid(), id.uuid())).exec(tx).await?;
                if ads::showing(account, id).one(tx).await?.is_some() {
                    return Err(Fault::Needed.into());
                }
                if deleted.rows_affected == 0 {
                    return Ok(false);
                }
                self.publisher.publish(tx, events).await?;
                Ok(true)
            })
            .await
            .map_err(|error: DatabaseError| error.during("assets.delete"))?;
        if is_deleted {
            self.publisher.committed(events);
        }
        Ok(is_deleted)
    }
}
