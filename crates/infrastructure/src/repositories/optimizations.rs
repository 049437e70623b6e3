use std::sync::Arc;

use adstead_domain::port::{OptimizationRepository, PortError};
use adstead_domain::{
    AccountId, Ad, AdId, Campaign, DomainEvent, OptimizationRun, OptimizationRunId, Page, PageRequest,
    Version,
};
use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter,
};

use super::entity::optimization_runs::{ActiveModel, Column, Entity, Model};
use super::entity::value::number;
use super::outbox::Publisher;
use super::paging::overfetched;
use super::written::{Unwritten, met};
use super::{ads, campaigns};
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseOptimizations {
    pub(super) database: Arc<DatabaseManager>,
    pub(super) publisher: Arc<Publisher>,
}

#[async_trait]
impl OptimizationRepository for DatabaseOptimizations {
    #[tracing::instrument(level = "debug", skip_all, fields(run = %run.id), err(level = "debug"))]
    async fn insert(&self, run: &OptimizationRun) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| {
                Entity::insert(Model::from(run).into_active_model()).exec_without_returning(tx).await?;
                Ok(())
            })
            .await
            .map_err(|error: DatabaseError| error.during("optimizations.insert"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(run = %id), err(level = "debug"))]
    async fn get(
        &self,
        account: AccountId,
        id: OptimizationRunId,
    ) -> Result<Option<OptimizationRun>, PortError> {
        self.database
            .read(async |database| {
                let row = Entity::find_by_id((account.uuid(), id.uuid())).one(database).await?;
                row.map(OptimizationRun::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("optimizations.get"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(run = %run.id), err(level = "debug"))]
    async fn apply(
        &self,
        run: &OptimizationRun,
        ad: Option<&Ad>,
        campaign: Option<&Campaign>,
        events: &[DomainEvent],
    ) -> Result<Version, PortError> {
        self.database
            .transaction(async |tx| {
                met(overwrite(tx, run).await?)?;
                if let Some(ad) = ad {
                    met(ads::overwrite(tx, ad).await?)?;
                }
                if let Some(campaign) = campaign {
                    met(campaigns::overwrite(tx, campaign).await?)?;
                }
                Ok(self.publisher.publish(tx, events).await?)
            })
            .await
            .map_err(|error: Unwritten| error.during("optimizations.apply"))?;
        self.publisher.committed(events);
        Ok(run.version.next())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(ad = %ad), err(level = "debug"))]
    async fn of_ad(
        &self,
        account: AccountId,
        ad: AdId,
        page: PageRequest,
    ) -> Result<Page<OptimizationRun>, PortError> {
        self.database
            .read(async |database| {
                let wanted = Entity::find()
                    .filter(Column::AccountId.eq(account.uuid()))
                    .filter(Column::AdId.eq(ad.uuid()));
                let rows = overfetched(wanted, Column::Id, page).all(database).await?;
                let runs = rows.into_iter().map(OptimizationRun::try_from).collect::<Result<_, _>>()?;
                Ok(Page::from_overfetched(runs, page, |run: &OptimizationRun| run.id.uuid()))
            })
            .await
            .map_err(|error: DatabaseError| error.during("optimizations.of_ad"))
    }
}

/// Overwrites the row of a run at the version that was read; how many rows that met.
async fn overwrite(tx: &DatabaseTransaction, run: &OptimizationRun) -> Result<u64, DatabaseError> {
    let OptimizationRun { account_id, id, version, .. } = *run;
    let row = ActiveModel {
        account_id: ActiveValue::NotSet,
        id: ActiveValue::NotSet,
        version: ActiveValue::Set(number(version.next())),
        ..Model::from(run).into_active_model().reset_all()
    };
    let overwrite = Entity::update_many()
        .set(row)
        .filter(Column::AccountId.eq(account_id.uuid()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Version.eq(number(version)));
    Ok(overwrite.exec(tx).await?.rows_affected)
}
