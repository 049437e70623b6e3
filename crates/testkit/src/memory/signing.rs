use adstead_domain::port::{PortError, SigningKeys};
use adstead_domain::{SigningKey, SigningPurpose};
use async_trait::async_trait;

use super::store::MemoryStore;

pub(super) struct MemorySigningKeys(pub(super) MemoryStore);

#[async_trait]
impl SigningKeys for MemorySigningKeys {
    async fn agree(&self, purpose: SigningPurpose, candidate: SigningKey) -> Result<SigningKey, PortError> {
        Ok(self.0.world().signing_keys.entry(purpose).or_insert(candidate).clone())
    }
}
