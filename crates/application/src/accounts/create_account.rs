use std::sync::Arc;

use adstead_domain::port::{AccountRepository, Clock, IdGenerator, PortErrorKind};
use adstead_domain::{Account, AccountId, AccountName, Currency, Zone};

use crate::Error;

/// Opens an account. It is the operator's business, so nobody has to be logged in.
pub struct CreateAccount {
    /// Where accounts are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

/// What an account is opened with.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What people call it.
    pub name: AccountName,
    /// The zone of its days.
    pub time_zone: Zone,
    /// The currency of its budgets; nothing leaves it to the first campaign.
    pub currency: Option<Currency>,
    /// Whether an ad must be approved by somebody who did not edit it.
    pub second_reviewer: bool,
}

impl CreateAccount {
    /// Opens the account.
    ///
    /// # Errors
    /// [`Error::Taken`] where another account has the name.
    pub async fn execute(&self, new: NewAccount) -> Result<Account, Error> {
        let NewAccount { name, time_zone, currency, second_reviewer } = new;
        let id = AccountId::new(self.ids.next());
        let account =
            Account { id, name, time_zone, currency, second_reviewer, created_at: self.clock.now() };
        match self.accounts.insert(&account).await {
            Err(error) if error.kind == PortErrorKind::Conflict => {
                Err(Error::Taken { what: "an account", name: account.name.to_string() })
            }
            stored => Ok(stored.map(|()| account)?),
        }
    }
}
