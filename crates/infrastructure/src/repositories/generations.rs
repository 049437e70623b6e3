use std::sync::Arc;

use adstead_domain::port::{GenerationRepository, PortError};
use adstead_domain::{AccountId, DomainEvent, Generation, GenerationId};
use async_trait::async_trait;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::entity::generations::{Entity, Model};
use super::outbox::Publisher;
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseGenerations {
    pub(super) database: Arc<DatabaseManager>,
    pub(super) publisher: Arc<Publisher>,
}

#[async_trait]
impl GenerationRepository for DatabaseGenerations {
    #[tracing::instrument(level = "debug", skip_all, fields(generation = %generation.id), err(level = "debug"))]
    async fn insert(&self, generation: &Generation, events: &[DomainEvent]) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| {
                let row = Model::from(generation).into_active_model();
                Entity::insert(row).exec_without_returning(tx).await?;
                self.publisher.publish(tx, events).await
            })
            .await
            .map_err(|error: DatabaseError| error.during("generations.insert"))?;
        self.publisher.committed(events);
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(generation = %id), err(level = "debug"))]
    async fn get(&self, account: AccountId, id: GenerationId) -> Result<Option<Generation>, PortError> {
        self.database
            .read(async |database| {
                let row = Entity::find_by_id((account.uuid(), id.uuid())).one(database).await?;
                row.map(Generation::try_from).transpose()
            })
            .await
            .map_err(|error| error.during("generations.get"))
    }
}
