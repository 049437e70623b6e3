use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_domain::port::{Chain, ModelCall, Payer, PortError, PortErrorKind, SpendLedger};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// What accounts may spend on calls of models, and where it is written down.
#[derive(Clone)]
pub(super) struct Spending {
    pub(super) ledger: Arc<dyn SpendLedger>,
    pub(super) limit_micros: Option<u64>,
}

/// How many attempts of a call have to be paid for, though nobody told what they cost.
#[derive(Default)]
pub(super) struct Tab(AtomicU64);

impl Tab {
    /// Makes an attempt, which has to be paid for from its beginning on, also where nobody waits for its end. What one costs that
    /// succeeds is told by its answer; one that failed costs nothing where `is_free` says that nobody worked on it.
    pub(super) async fn attempt<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>>,
        is_free: impl FnOnce(&E) -> bool,
    ) -> Result<T, E> {
        let Self(owed) = self;
        owed.fetch_add(1, Ordering::Relaxed);
        let outcome = work.await;
        if outcome.as_ref().err().is_none_or(is_free) {
            owed.fetch_sub(1, Ordering::Relaxed);
        }
        outcome
    }
}

impl Spending {
    /// Makes a call of which each attempt costs `most` at most: once that is set aside. It is settled by what `cost` says that the
    /// answer cost, and `most` for each other attempt on the tab, also where nobody waits for the call any more.
    pub(super) async fn pay<T>(
        &self,
        operation: &'static str,
        call: &ModelCall,
        most: u64,
        tab: &Tab,
        work: impl Future<Output = Result<T, PortError>>,
        cost: impl FnOnce(&T) -> Option<u64>,
    ) -> Result<T, PortError> {
        let Self { ledger, limit_micros } = self;
        let payer = &call.payer;
        if !ledger.reserve(payer, most, *limit_micros).await? {
            return Err(self.refusal(operation, payer, most).await);
        }
        let mut reserved = Reserved { ledger, payer, operation, most, tab, is_settled: false };
        let outcome = work.await;
        let answered = outcome.as_ref().ok().map_or(0, |answer| cost(answer).unwrap_or(most));
        if let Some(settling) = reserved.settle(answered) {
            let _ = settling.await;
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

/// What was set aside for a call, until it is settled: at the latest when nobody waits for the call any more.
struct Reserved<'a> {
    ledger: &'a Arc<dyn SpendLedger>,
    payer: &'a Payer,
    operation: &'static str,
    most: u64,
    tab: &'a Tab,
    is_settled: bool,
}

impl Reserved<'_> {
    /// Settles it by what the answer cost and what else stands on the tab, whoever waits for that.
    fn settle(&mut self, answered: u64) -> Option<JoinHandle<()>> {
        self.is_settled = true;
        let Self { ledger, payer, operation, most, tab: Tab(owed), is_settled: _ } = *self;
        let spent = answered.saturating_add(most.saturating_mul(owed.load(Ordering::Relaxed)));
        let (ledger, payer) = (Arc::clone(ledger), payer.clone());
        // Where the runtime is gone already, what was set aside counts.
        Some(Handle::try_current().ok()?.spawn(async move {
            if let Err(error) = ledger.settle(&payer, most, spent).await {
                // The answer is there, and paid for. What was set aside counts in the place of what it cost.
                tracing::warn!(operation, error = %Chain(&error), "what a call of a model cost was not written down");
            }
        }))
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            let _ = self.settle(0);
        }
    }
}

/// The amount as people read it.
fn dollars(micros: u64) -> String {
    let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
    format!("{whole}.{part:06} US dollars")
}
