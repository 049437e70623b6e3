use adstead_domain::Actor;
use adstead_domain::port::{AccountRepository, Payer};
use jiff::Timestamp;

use crate::Error;

/// The account for which somebody calls a model, on its day.
pub(crate) async fn payer(
    accounts: &dyn AccountRepository,
    actor: &Actor,
    now: Timestamp,
) -> Result<Payer, Error> {
    let account = accounts.get(actor.account_id).await?;
    let account = account.ok_or_else(|| Error::not_found("account", actor.account_id))?;
    Ok(Payer::at(&account, now))
}
