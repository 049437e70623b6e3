use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{Chain, ModelCall, Payer, PortError, PortErrorKind, SpendLedger};

/// What accounts may spend on calls of models, and where it is written down.
#[derive(Clone)]
pub(super) struct Spending {
    pub(super) ledger: Arc<dyn SpendLedger>,
    pub(super) limit_micros: Option<u64>,
}

impl Spending {
    /// Makes a call that costs `most` at most: once that is set aside, and settled by what `cost` says that it cost. A call
    /// that failed counts as paid for unless `is_free` says that nobody worked on it; so does one that nobody waited for.
    pub(super) async fn pay<T>(
        &self,
        operation: &'static str,
        call: &ModelCall,
        most: u64,
        work: impl Future<Output = Result<T, PortError>>,
        cost: impl FnOnce(&T) -> Option<u64>,
        is_free: impl FnOnce(&PortError) -> bool,
    ) -> Result<T, PortError> {
        let Self { ledger, limit_micros } = self;
        let payer = &call.payer;
        if !ledger.reserve(payer, most, *limit_micros).await? {
            return Err(self.refusal(operation, payer, most).await);
        }
        let outcome = work.await;
        let spent = match &outcome {
            Ok(answer) => cost(answer).unwrap_or(most),
            Err(error) if is_free(error) => 0,
            Err(_) => most,
        };
        if let Err(error) = ledger.settle(payer, most, spent).await {
            // The answer is there, and paid for. What was set aside counts in the place of what it cost.
            tracing::warn!(operation, error = %Chain(&error), "what a call of a model cost was not written down");
        }
        outcome
    }

    async fn refusal(&self, operation: &'static str, payer: &Payer, most: u64) -> PortError {
        let spent = self.ledger.spent(payer).await.map_or_else(|_| "some".to_owned(), dollars);
        let limit = self.limit_micros.map_or_else(|| "any".to_owned(), dollars);
        let why = format!(
            "of the {limit} that the account may spend on models in a day, {spent} are spent or set aside on {}, and this \
             call may cost {}: wait for the next day, name a provider that costs less, or have ai.spend_per_day_micros raised",
            payer.day,
            dollars(most)
        );
        PortError::new(PortErrorKind::RateLimited, operation)
            .with_source(why)
            .with_retry_after(payer.day_ends_in.max(Duration::from_secs(1)))
    }
}

/// The amount as people read it.
fn dollars(micros: u64) -> String {
    let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
    format!("{whole}.{part:06} US dollars")
}
