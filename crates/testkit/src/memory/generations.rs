use adstead_domain::port::{GenerationRepository, PortError};
use adstead_domain::{AccountId, Generation, GenerationId};
use async_trait::async_trait;

use super::store::{MemoryStore, add};

pub(super) struct MemoryGenerations(pub(super) MemoryStore);

#[async_trait]
impl GenerationRepository for MemoryGenerations {
    async fn insert(&self, generation: &Generation) -> Result<(), PortError> {
        let key = (generation.account_id, generation.id);
        add(&mut self.0.world().generations, key, generation.clone(), "generations.insert")
    }

    async fn get(&self, account: AccountId, id: GenerationId) -> Result<Option<Generation>, PortError> {
        Ok(self.0.world().generations.get(&(account, id)).cloned())
    }
}
