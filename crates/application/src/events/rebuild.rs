use std::sync::Arc;

use adstead_domain::port::{AccountRepository, Comparison, EventArchive};
use adstead_domain::{Account, AccountId, PageRequest};

use crate::Error;
use crate::accounts::find_account;

/// Compares figures with the events that they were counted from, and mends them. It is the operator's business, so nobody
/// has to be logged in.
pub struct RebuildFigures {
    /// Where accounts are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where events are kept.
    pub archive: Arc<dyn EventArchive>,
}

impl RebuildFigures {
    /// The account with this id or name; all accounts where none is named.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown account.
    pub async fn accounts(&self, named: Option<&str>) -> Result<Vec<Account>, Error> {
        if let Some(named) = named {
            return Ok(vec![find_account(self.accounts.as_ref(), named).await?]);
        }
        let mut all = Vec::new();
        let mut request = PageRequest::default();
        loop {
            let page = self.accounts.list(request).await?;
            all.extend(page.items);
            match page.next {
                Some(last) => request.after = Some(last),
                None => return Ok(all),
            }
        }
    }

    /// How the account's figures differ from its events.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn compare(&self, account: AccountId) -> Result<Comparison, Error> {
        Ok(self.archive.compare(account).await?)
    }

    /// Makes the account's figures what its events add up to, and answers how they differed.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails, or where they could not be made equal.
    pub async fn mend(&self, account: AccountId) -> Result<Comparison, Error> {
        Ok(self.archive.mend(account).await?)
    }
}
