use std::sync::Arc;

use adstead_domain::port::{AccountRepository, Clock, Payer, SpendLedger};
use adstead_domain::{Actor, Permission};
use jiff::Timestamp;
use jiff::civil::Date;

use super::payer::payer;
use crate::Error;

/// Tells what the actor's account has spent on language models today.
pub struct TellModelSpend {
    /// Where accounts are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where it is written down.
    pub ledger: Arc<dyn SpendLedger>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What an account may spend in a day, in micros of a US dollar; nothing is any amount.
    pub limit_micros: Option<u64>,
}

/// What an account spent on a day, in micros of a US dollar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSpend {
    /// The day, by the account's own clock.
    pub day: Date,
    /// When it ends.
    pub day_ends_at: Timestamp,
    /// What was spent, and what is set aside for calls under way.
    pub spent_micros: u64,
    /// What may be spent; nothing is any amount.
    pub limit_micros: Option<u64>,
}

impl TellModelSpend {
    /// What was spent by now.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn execute(&self, actor: &Actor) -> Result<ModelSpend, Error> {
        actor.must(Permission::Read)?;
        let now = self.clock.now();
        let payer = payer(self.accounts.as_ref(), actor, now).await?;
        let spent_micros = self.ledger.spent(&payer).await?;
        let Payer { day, day_ends_in, account: _ } = payer;
        Ok(ModelSpend { day, day_ends_at: now + day_ends_in, spent_micros, limit_micros: self.limit_micros })
    }
}
