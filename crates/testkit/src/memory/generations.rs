use adstead_domain::port::{GenerationRepository, PortError};
use adstead_domain::{AccountId, DomainEvent, Generation, GenerationId};
use async_trait::async_trait;

use super::store::{MemoryStore, add};

pub(super) struct MemoryGenerations(pub(super) MemoryStore);

#[async_trait]
impl GenerationRepository for MemoryGenerations {
    async fn insert(&self, generation: &Generation, events: &[DomainEvent]) -> Result<(), PortError> {
        let mut world = self.0.world();
        let key = (generation.account_id, generation.id);
        add(&mut world.generations, key, generation.clone(), "generations.insert")?;
        world.publish(events);
        Ok(())
    }

    async fn get(&self, account: AccountId, id: GenerationId) -> Result<Option<Generation>, PortError> {
        Ok(self.0.world().generations.get(&(account, id)).cloned())
    }
}
