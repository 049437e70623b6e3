use std::slice;
use std::sync::Arc;

use adstead_domain::DomainEvent;
use adstead_domain::port::{Alerts, PortError};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::entity::alerts::{Column, Entity, Model};
use super::entity::value::micros;
use super::outbox::Publisher;
use crate::database::{DatabaseError, DatabaseManager, Fault};

pub(super) struct DatabaseAlerts {
    pub(super) database: Arc<DatabaseManager>,
    pub(super) publisher: Arc<Publisher>,
}

#[async_trait]
impl Alerts for DatabaseAlerts {
    #[tracing::instrument(level = "debug", skip_all, fields(key), err(level = "debug"))]
    async fn raise(&self, key: &str, event: &DomainEvent) -> Result<bool, PortError> {
        let events = slice::from_ref(event);
        let raised = self.take_and_tell(key, event.occurred_at, events).await;
        let raised = raised.map_err(|error| error.during("alerts.raise"))?;
        if raised {
            self.publisher.committed(events);
        }
        Ok(raised)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(key), err(level = "debug"))]
    async fn take(&self, key: &str, now: Timestamp) -> Result<bool, PortError> {
        self.take_and_tell(key, now, &[]).await.map_err(|error| error.during("alerts.take"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn forget(&self, before: Timestamp) -> Result<u64, PortError> {
        self.database
            .transaction(async |tx| {
                let old = Entity::delete_many().filter(Column::RaisedAt.lt(micros(before)));
                Ok(old.exec(tx).await?.rows_affected)
            })
            .await
            .map_err(|error: DatabaseError| error.during("alerts.forget"))
    }
}

impl DatabaseAlerts {
    async fn take_and_tell(
        &self,
        key: &str,
        at: Timestamp,
        events: &[DomainEvent],
    ) -> Result<bool, DatabaseError> {
        // What holds for a while is raised again and again: most calls end here, without a write.
        let known: Result<_, DatabaseError> =
            self.database.read(async |database| Ok(Entity::find_by_id(key).one(database).await?)).await;
        if known?.is_some() {
            return Ok(false);
        }
        let taken = self
            .database
            .transaction(async |tx| {
                let row = Model { alert_key: key.to_owned(), raised_at: micros(at) };
                Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                self.publisher.publish(tx, events).await
            })
            .await;
        match taken {
            Ok(()) => Ok(true),
            Err(DatabaseError { fault: Fault::Taken, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
