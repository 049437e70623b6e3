use std::sync::Arc;

use adstead_domain::port::{AdGroupRepository, PortError};
use adstead_domain::{AccountId, AdGroup, AdGroupId, CampaignId, DomainEvent, Page, PageRequest, Version};
use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter,
};

use super::entity::ad_groups::{ActiveModel, Column, Entity, Model};
use super::entity::value::number;
use super::outbox::Publisher;
use super::paging::overfetched;
use super::written::{Unwritten, met};
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseAdGroups {
    pub(super) database: Arc<DatabaseManager>,
    pub(super) publisher: Arc<Publisher>,
}

#[async_trait]
impl AdGroupRepository for DatabaseAdGroups {
    #[tracing::instrument(level = "debug", skip_all, fields(ad_group = %group.id), err(level = "debug"))]
    async fn insert(&self, group: &AdGroup, events: &[DomainEvent]) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| {
                Entity::insert(Model::from(group).into_active_model()).exec_without_returning(tx).await?;
                self.publisher.publish(tx, events).await
            })
            .await
            .map_err(|error: DatabaseError| error.during("ad_groups.insert"))?;
        self.publisher.committed(events);
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(ad_group = %id), err(level = "debug"))]
    async fn get(&self, account: AccountId, id: AdGroupId) -> Result<Option<AdGroup>, PortError> {
        self.database
            .read(async |database| {
                let row = Entity::find_by_id((account.uuid(), id.uuid())).one(database).await?;
                row.map(AdGroup::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("ad_groups.get"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(ad_group = %group.id), err(level = "debug"))]
    async fn update(&self, group: &AdGroup, events: &[DomainEvent]) -> Result<Version, PortError> {
        self.database
            .transaction(async |tx| {
                met(overwrite(tx, group).await?)?;
                Ok(self.publisher.publish(tx, events).await?)
            })
            .await
            .map_err(|error: Unwritten| error.during("ad_groups.update"))?;
        self.publisher.committed(events);
        Ok(group.version.next())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(campaign = %campaign), err(level = "debug"))]
    async fn list(
        &self,
        account: AccountId,
        campaign: CampaignId,
        page: PageRequest,
    ) -> Result<Page<AdGroup>, PortError> {
        self.database
            .read(async |database| {
                let wanted = Entity::find()
                    .filter(Column::AccountId.eq(account.uuid()))
                    .filter(Column::CampaignId.eq(campaign.uuid()));
                let rows = overfetched(wanted, Column::Id, page).all(database).await?;
                let groups = rows.into_iter().map(AdGroup::try_from).collect::<Result<_, _>>()?;
                Ok(Page::from_overfetched(groups, page, |group: &AdGroup| group.id.uuid()))
            })
            .await
            .map_err(|error: DatabaseError| error.during("ad_groups.list"))
    }
}

/// Overwrites the row of an ad group at the version that was read; how many rows that met.
async fn overwrite(tx: &DatabaseTransaction, group: &AdGroup) -> Result<u64, DatabaseError> {
    let AdGroup { account_id, id, version, .. } = *group;
    let row = ActiveModel {
        account_id: ActiveValue::NotSet,
        id: ActiveValue::NotSet,
        version: ActiveValue::Set(number(version.next())),
        ..Model::from(group).into_active_model().reset_all()
    };
    let overwrite = Entity::update_many()
        .set(row)
        .filter(Column::AccountId.eq(account_id.uuid()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Version.eq(number(version)));
    Ok(overwrite.exec(tx).await?.rows_affected)
}
