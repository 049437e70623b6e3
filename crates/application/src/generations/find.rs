use std::sync::Arc;

use adstead_domain::port::GenerationRepository;
use adstead_domain::{Actor, Generation, GenerationId, Permission};

use crate::Error;

/// Finds generations.
pub struct FindGenerations {
    /// Where generations are kept.
    pub generations: Arc<dyn GenerationRepository>,
}

impl FindGenerations {
    /// The generation with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, actor: &Actor, id: GenerationId) -> Result<Generation, Error> {
        actor.must(Permission::Read)?;
        let found = self.generations.get(actor.account_id, id).await?;
        found.ok_or_else(|| Error::not_found("generation", id))
    }
}
