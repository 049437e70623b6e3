//! Accounts, and the keys with which people act for them.

mod authenticate;
mod create_account;
mod create_key;
mod found_first_account;
mod manage_keys;

use adstead_domain::port::AccountRepository;
use adstead_domain::{Account, Actor};

pub use authenticate::Authenticate;
pub use create_account::{CreateAccount, NewAccount};
pub use create_key::{CreateKey, IssuedKey, NewKey};
pub use found_first_account::{FirstAccount, FoundFirstAccount};
pub use manage_keys::ManageKeys;

pub(crate) use create_key::find_account;

use crate::Error;

/// The account that the actor acts for.
pub(crate) async fn account_of(accounts: &dyn AccountRepository, actor: &Actor) -> Result<Account, Error> {
    accounts.get(actor.account_id).await?.ok_or_else(|| Error::not_found("account", actor.account_id))
}
