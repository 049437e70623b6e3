use std::sync::Arc;

use adstead_domain::port::{AccountRepository, Clock, Entropy, IdGenerator};
use adstead_domain::{
    Account, AccountId, ApiKey, ApiKeyId, ApiKeySecret, Email, Role, User, UserId, Violation,
};

use crate::Error;

/// Issues a key for a user of an account, who is added where new.
pub struct CreateKey {
    /// Where accounts and keys are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// Where secrets come from.
    pub entropy: Arc<dyn Entropy>,
}

/// For whom a key is wanted, and what it may do.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The account, by its id or its name.
    pub account: String,
    /// The user's address.
    pub email: Email,
    /// What the key may do.
    pub role: Role,
}

/// A key that was just issued.
#[derive(Debug)]
pub struct IssuedKey {
    /// What is stored of it.
    pub key: ApiKey,
    /// The secret, which is nowhere else.
    pub secret: ApiKeySecret,
    /// Its user.
    pub user: User,
}

impl CreateKey {
    /// Issues the key.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown account.
    pub async fn execute(&self, new: NewKey) -> Result<IssuedKey, Error> {
        let account = find_account(self.accounts.as_ref(), &new.account).await?;
        let user = match self.accounts.user_by_email(account.id, &new.email).await? {
            Some(user) => user,
            None => {
                let user = self.user(account.id, new.email);
                self.accounts.insert_user(&user).await?;
                user
            }
        };
        let (key, secret) = self.key(&user, new.role);
        self.accounts.insert_key(&key).await?;
        Ok(IssuedKey { key, secret, user })
    }

    pub(super) fn user(&self, account_id: AccountId, email: Email) -> User {
        User { id: UserId::new(self.ids.next()), account_id, email, created_at: self.clock.now() }
    }

    pub(super) fn key(&self, user: &User, role: Role) -> (ApiKey, ApiKeySecret) {
        let secret = ApiKeySecret::generate(self.entropy.as_ref());
        let key = ApiKey {
            id: ApiKeyId::new(self.ids.next()),
            account_id: user.account_id,
            user_id: user.id,
            role,
            digest: secret.digest(),
            created_at: self.clock.now(),
            last_used_at: None,
            revoked_at: None,
        };
        (key, secret)
    }
}

/// The account with this id or this name.
pub(crate) async fn find_account(
    accounts: &dyn AccountRepository,
    name_or_id: &str,
) -> Result<Account, Error> {
    let found = match name_or_id.parse::<AccountId>() {
        Ok(id) => accounts.get(id).await?,
        Err(_) => {
            let name = name_or_id.parse().map_err(|fault: Violation| fault.at("/account"))?;
            accounts.by_name(&name).await?
        }
    };
    found.ok_or_else(|| Error::NotFound { what: "account", id: name_or_id.to_owned() })
}
