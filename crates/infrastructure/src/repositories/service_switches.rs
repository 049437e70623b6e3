use std::sync::Arc;

use adstead_domain::port::{DisabledService, PortError, ServiceSwitches};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, EntityTrait};

use super::entity::disabled_services::{ActiveModel, Column, Entity};
use super::entity::value::micros;
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseServiceSwitches {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl ServiceSwitches for DatabaseServiceSwitches {
    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn disabled(&self) -> Result<Vec<DisabledService>, PortError> {
        self.database
            .read(async |database| {
                let rows = Entity::find().all(database).await?;
                let mut disabled =
                    rows.into_iter().map(DisabledService::try_from).collect::<Result<Vec<_>, _>>()?;
                // Engines order text each in its own way.
                disabled.sort_by(|one, other| one.name.cmp(&other.name));
                Ok(disabled)
            })
            .await
            .map_err(|error: DatabaseError| error.during("service_switches.disabled"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(name), err(level = "debug"))]
    async fn disable(&self, name: &str, now: Timestamp) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| {
                let row = ActiveModel {
                    name: ActiveValue::Set(name.to_owned()),
                    since: ActiveValue::Set(micros(now)),
                };
                let once = OnConflict::column(Column::Name).do_nothing_on([Column::Name]).to_owned();
                Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
                Ok(())
            })
            .await
            .map_err(|error: DatabaseError| error.during("service_switches.disable"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(name), err(level = "debug"))]
    async fn enable(&self, name: &str) -> Result<bool, PortError> {
        let enabled = self
            .database
            .transaction(async |tx| Ok(Entity::delete_by_id(name).exec(tx).await?.rows_affected))
            .await
            .map_err(|error: DatabaseError| error.during("service_switches.enable"))?;
        Ok(enabled > 0)
    }
}
