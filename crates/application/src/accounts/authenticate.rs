use std::sync::Arc;

use adstead_domain::port::{AccountRepository, Chain, Clock};
use adstead_domain::{Actor, ApiKeySecret};

use crate::Error;

/// Finds out who shows a key.
pub struct Authenticate {
    /// Where keys are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Authenticate {
    /// Who shows this key.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for what is no key, an unknown one, or a revoked one: a stranger learns no more.
    pub async fn execute(&self, secret: &str) -> Result<Actor, Error> {
        let secret: ApiKeySecret = secret.parse().map_err(|_| Error::Unauthenticated)?;
        let key = self.accounts.key_by_digest(&secret.digest()).await?.ok_or(Error::Unauthenticated)?;
        let actor = key.actor().ok_or(Error::Unauthenticated)?;
        let now = self.clock.now();
        if key.use_is_worth_noting(now)
            && let Err(error) = self.accounts.note_key_use(key.id, now).await
        {
            // The last use is a convenience; no request fails for it.
            tracing::warn!(key_id = %key.id, error = %Chain(&error), "the use of a key was not noted");
        }
        Ok(actor)
    }
}
