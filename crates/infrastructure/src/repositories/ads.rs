use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use adstead_domain::port::{AdFilter, AdRepository, PortError};
use adstead_domain::{AccountId, Ad, AdId, AdStatus, AssetId, DomainEvent, Page, PageRequest, Version};
use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::entity::ads::{ActiveModel, Column, Entity, Model};
use super::entity::assets;
use super::entity::value::number;
use super::outbox::Publisher;
use super::paging::overfetched;
use super::written::{Unwritten, met};
use crate::database::{DatabaseError, DatabaseManager, Fault};

pub(super) struct DatabaseAds {
    pub(super) database: Arc<DatabaseManager>,
    pub(super) publisher: Arc<Publisher>,
}

/// How many rows or ids one statement carries: well inside SQLite's 32,766 variables with the columns of an ad.
const CHUNK: usize = 500;

#[async_trait]
impl AdRepository for DatabaseAds {
    #[tracing::instrument(level = "debug", skip_all, fields(ads = ads.len()), err(level = "debug"))]
    async fn insert_all(&self, ads: &[Ad], events: &[DomainEvent]) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| {
                for chunk in ads.chunks(CHUNK) {
                    let rows = chunk.iter().map(|ad| Model::from(ad).into_active_model());
                    Entity::insert_many(rows).exec_without_returning(tx).await?;
                }
                require_assets(tx, ads).await?;
                self.publisher.publish(tx, events).await
            })
            .await
            .map_err(|error: DatabaseError| error.during("ads.insert_all"))?;
        self.publisher.committed(events);
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(ad = %id), err(level = "debug"))]
    async fn get(&self, account: AccountId, id: AdId) -> Result<Option<Ad>, PortError> {
        self.database
            .read(async |database| {
                let row = Entity::find_by_id((account.uuid(), id.uuid())).one(database).await?;
                row.map(Ad::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("ads.get"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(ad = %ad.id), err(level = "debug"))]
    async fn update(&self, ad: &Ad, events: &[DomainEvent]) -> Result<Version, PortError> {
        self.database
            .transaction(async |tx| {
                met(overwrite(tx, ad).await?)?;
                Ok(self.publisher.publish(tx, events).await?)
            })
            .await
            .map_err(|error: Unwritten| error.during("ads.update"))?;
        self.publisher.committed(events);
        Ok(ad.version.next())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn list(
        &self,
        account: AccountId,
        filter: AdFilter,
        page: PageRequest,
    ) -> Result<Page<Ad>, PortError> {
        let AdFilter { campaign_id, ad_group_id, status } = filter;
        self.database
            .read(async |database| {
                let wanted = Entity::find()
                    .filter(Column::AccountId.eq(account.uuid()))
                    .apply_if(campaign_id, |ads, id| ads.filter(Column::CampaignId.eq(id.uuid())))
                    .apply_if(ad_group_id, |ads, id| ads.filter(Column::AdGroupId.eq(id.uuid())))
                    .apply_if(status, |ads, status| ads.filter(Column::Status.eq(status.as_str())));
                let rows = overfetched(wanted, Column::Id, page).all(database).await?;
                let ads = rows.into_iter().map(Ad::try_from).collect::<Result<_, _>>()?;
                Ok(Page::from_overfetched(ads, page, |ad: &Ad| ad.id.uuid()))
            })
            .await
            .map_err(|error: DatabaseError| error.during("ads.list"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(ids = ids.len()), err(level = "debug"))]
    async fn known(&self, account: AccountId, ids: &HashSet<AdId>) -> Result<HashSet<AdId>, PortError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        self.database
            .read(async |database| {
                let mut known = HashSet::with_capacity(ids.len());
                for chunk in ids.chunks(CHUNK) {
                    let found = Entity::find()
                        .select_only()
                        .column(Column::Id)
                        .filter(Column::AccountId.eq(account.uuid()))
                        .filter(Column::Id.is_in(chunk.iter().copied()))
                        .into_tuple::<Uuid>()
                        .all(database)
                        .await?;
                    known.extend(found.into_iter().map(AdId::new));
                }
                Ok(known)
            })
            .await
            .map_err(|error: DatabaseError| error.during("ads.known"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(asset = %asset), err(level = "debug"))]
    async fn showing(&self, account: AccountId, asset: AssetId) -> Result<Vec<AdId>, PortError> {
        self.database
            .read(async |database| {
                let ids = showing(account, asset)
                    .select_only()
                    .column(Column::Id)
                    .order_by_asc(Column::Id)
                    .into_tuple::<Uuid>()
                    .all(database)
                    .await?;
                Ok(ids.into_iter().map(AdId::new).collect())
            })
            .await
            .map_err(|error: DatabaseError| error.during("ads.showing"))
    }
}

/// The account's ads that show the asset and are not archived.
///
/// Reads through the account's ads: files are deleted too rarely to keep a second table in step with every ad.
pub(super) fn showing(account: AccountId, asset: AssetId) -> Select<Entity> {
    Entity::find()
        .filter(Column::AccountId.eq(account.uuid()))
        .filter(Column::Status.ne(AdStatus::Archived.as_str()))
        .filter(Column::AssetIds.contains(format!("\"{asset}\"")))
}

/// Fails where an ad that is not archived shows a file that its account has not. The files' rows stay locked to the end of
/// the transaction, so that nobody deletes one meanwhile.
async fn require_assets(tx: &DatabaseTransaction, ads: &[Ad]) -> Result<(), DatabaseError> {
    let mut shown: BTreeMap<AccountId, BTreeSet<Uuid>> = BTreeMap::new();
    for ad in ads.iter().filter(|ad| ad.status != AdStatus::Archived && !ad.content.assets.is_empty()) {
        let assets = ad.content.assets.iter().map(|asset| asset.uuid());
        shown.entry(ad.account_id).or_default().extend(assets);
    }
    for (account, shown) in shown {
        let shown: Vec<_> = shown.into_iter().collect();
        for chunk in shown.chunks(CHUNK) {
            let there = assets::Entity::find()
                .select_only()
                .column(assets::Column::Id)
                .filter(assets::Column::AccountId.eq(account.uuid()))
                .filter(assets::Column::Id.is_in(chunk.iter().copied()))
                .order_by_asc(assets::Column::Id)
                .lock_exclusive()
                .into_tuple::<Uuid>()
                .all(tx)
                .await?;
            if there.len() < chunk.len() {
                return Err(Fault::Lacking.into());
            }
        }
    }
    Ok(())
}

/// Overwrites the row of an ad at the version that was read; how many rows that met.
pub(super) async fn overwrite(tx: &DatabaseTransaction, ad: &Ad) -> Result<u64, DatabaseError> {
    let Ad { account_id, id, version, .. } = *ad;
    let row = ActiveModel {
        account_id: ActiveValue::NotSet,
        id: ActiveValue::NotSet,
        version: ActiveValue::Set(number(version.next())),
        ..Model::from(ad).into_active_model().reset_all()
    };
    let overwrite = Entity::update_many()
        .set(row)
        .filter(Column::AccountId.eq(account_id.uuid()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Version.eq(number(version)));
    let met = overwrite.exec(tx).await?.rows_affected;
    if met > 0 {
        require_assets(tx, std::slice::from_ref(ad)).await?;
    }
    Ok(met)
}
