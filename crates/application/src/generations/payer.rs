use std::time::Duration;

use adstead_domain::Actor;
use adstead_domain::port::{AccountRepository, ModelCall, Payer, Prompt};
use jiff::Timestamp;

use crate::Error;

/// The account for which somebody calls a model, on its day.
pub(super) async fn payer(
    accounts: &dyn AccountRepository,
    actor: &Actor,
    now: Timestamp,
) -> Result<Payer, Error> {
    let account = accounts.get(actor.account_id).await?;
    let account = account.ok_or_else(|| Error::not_found("account", actor.account_id))?;
    Ok(Payer::at(&account, now))
}

/// A call of a model on the actor's account, for an answer that nobody listens to while it is written.
pub(crate) async fn model_call(
    accounts: &dyn AccountRepository,
    actor: &Actor,
    now: Timestamp,
    prompt: Prompt,
    provider: Option<String>,
    deadline: Duration,
) -> Result<ModelCall, Error> {
    let payer = payer(accounts, actor, now).await?;
    Ok(ModelCall { prompt, provider, payer, deadline, listener: None, fresh: false })
}
