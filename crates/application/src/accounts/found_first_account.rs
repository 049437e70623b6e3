use adstead_domain::{Account, AccountId, ApiKeySecret, Email, Role, Zone};

use super::CreateKey;
use crate::Error;

/// Opens the very first account, so that somebody who just started Adstead has a key in hand.
pub struct FoundFirstAccount {
    /// How keys are made.
    pub keys: CreateKey,
}

/// The account of a first start.
#[derive(Debug)]
pub struct FirstAccount {
    /// The account.
    pub account: Account,
    /// The secret of its admin's key.
    pub secret: ApiKeySecret,
}

impl FoundFirstAccount {
    /// Opens the account, unless there is any.
    ///
    /// Whoever starts Adstead for the first time is alone, so nobody else has to approve their ads.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn execute(&self) -> Result<Option<FirstAccount>, Error> {
        let account = Account {
            id: AccountId::new(self.keys.ids.next()),
            name: "default".parse().expect("a plain word is a name"),
            time_zone: Zone::utc(),
            currency: None,
            second_reviewer: false,
            created_at: self.keys.clock.now(),
        };
        let email: Email = "admin@localhost".parse().expect("a plain address is an e-mail address");
        let user = self.keys.user(account.id, email);
        let (key, secret) = self.keys.key(&user, Role::Admin);
        let founded = self.keys.accounts.found(&account, &user, &key).await?;
        Ok(founded.then_some(FirstAccount { account, secret }))
    }
}
