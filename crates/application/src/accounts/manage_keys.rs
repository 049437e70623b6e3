use std::sync::Arc;

use adstead_domain::port::{AccountRepository, Clock};
use adstead_domain::{ApiKey, ApiKeyId};

use super::create_key::find_account;
use crate::Error;

/// Lists and revokes the keys of an account. It is the operator's business, so nobody has to be logged in.
pub struct ManageKeys {
    /// Where keys are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl ManageKeys {
    /// All keys of the account with this id or name, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown account.
    pub async fn list(&self, account: &str) -> Result<Vec<ApiKey>, Error> {
        let account = find_account(self.accounts.as_ref(), account).await?;
        Ok(self.accounts.keys(account.id).await?)
    }

    /// Makes a key worthless from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown account or key.
    pub async fn revoke(&self, account: &str, key: ApiKeyId) -> Result<(), Error> {
        let account = find_account(self.accounts.as_ref(), account).await?;
        let revoked = self.accounts.revoke_key(account.id, key, self.clock.now()).await?;
        if revoked { Ok(()) } else { Err(Error::not_found("API key", key)) }
    }
}
