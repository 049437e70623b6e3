use std::sync::Arc;

use adstead_domain::port::{CampaignRepository, PortError};
use adstead_domain::{
    AccountId, Campaign, CampaignId, CampaignStatus, DomainEvent, Page, PageRequest, Version,
};
use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryTrait,
};

use super::entity::campaigns::{ActiveModel, Column, Entity, Model};
use super::entity::value::number;
use super::outbox::Publisher;
use super::paging::overfetched;
use super::written::{Unwritten, met};
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseCampaigns {
    pub(super) database: Arc<DatabaseManager>,
    pub(super) publisher: Arc<Publisher>,
}

#[async_trait]
impl CampaignRepository for DatabaseCampaigns {
    #[tracing::instrument(level = "debug", skip_all, fields(campaign = %campaign.id), err(level = "debug"))]
    async fn insert(&self, campaign: &Campaign, events: &[DomainEvent]) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| {
                Entity::insert(Model::from(campaign).into_active_model()).exec_without_returning(tx).await?;
                self.publisher.publish(tx, events).await
            })
            .await
            .map_err(|error: DatabaseError| error.during("campaigns.insert"))?;
        self.publisher.committed(events);
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(campaign = %id), err(level = "debug"))]
    async fn get(&self, account: AccountId, id: CampaignId) -> Result<Option<Campaign>, PortError> {
        self.database
            .read(async |database| {
                let row = Entity::find_by_id((account.uuid(), id.uuid())).one(database).await?;
                row.map(Campaign::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("campaigns.get"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(campaign = %campaign.id), err(level = "debug"))]
    async fn update(&self, campaign: &Campaign, events: &[DomainEvent]) -> Result<Version, PortError> {
        self.database
            .transaction(async |tx| {
                met(overwrite(tx, campaign).await?)?;
                Ok(self.publisher.publish(tx, events).await?)
            })
            .await
            .map_err(|error: Unwritten| error.during("campaigns.update"))?;
        self.publisher.committed(events);
        Ok(campaign.version.next())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(account = %account), err(level = "debug"))]
    async fn list(
        &self,
        account: AccountId,
        status: Option<CampaignStatus>,
        page: PageRequest,
    ) -> Result<Page<Campaign>, PortError> {
        self.database
            .read(async |database| {
                let wanted = Entity::find()
                    .filter(Column::AccountId.eq(account.uuid()))
                    .apply_if(status, |rows, status| rows.filter(Column::Status.eq(status.as_str())));
                let rows = overfetched(wanted, Column::Id, page).all(database).await?;
                let campaigns = rows.into_iter().map(Campaign::try_from).collect::<Result<_, _>>()?;
                Ok(Page::from_overfetched(campaigns, page, |campaign: &Campaign| campaign.id.uuid()))
            })
            .await
            .map_err(|error: DatabaseError| error.during("campaigns.list"))
    }
}

/// Overwrites the row of a campaign at the version that was read; how many rows that met.
pub(super) async fn overwrite(tx: &DatabaseTransaction, campaign: &Campaign) -> Result<u64, DatabaseError> {
    let Campaign { account_id, id, version, .. } = *campaign;
    let row = ActiveModel {
        account_id: ActiveValue::NotSet,
        id: ActiveValue::NotSet,
        version: ActiveValue::Set(number(version.next())),
        ..Model::from(campaign).into_active_model().reset_all()
    };
    let overwrite = Entity::update_many()
        .set(row)
        .filter(Column::AccountId.eq(account_id.uuid()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Version.eq(number(version)));
    Ok(overwrite.exec(tx).await?.rows_affected)
}
