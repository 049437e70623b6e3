//! What Adstead finds out by itself, and tells once.

mod forget;
mod watch_budgets;
mod watch_clicks;
mod watch_services;

use adstead_domain::port::{AccountRepository, Chain};
use adstead_domain::{Account, DomainEventId, PageRequest, Sha256Digest};
use jiff::Timestamp;

pub use forget::ForgetAlerts;
pub use watch_budgets::WatchBudgets;
pub use watch_clicks::WatchClicks;
pub use watch_services::{SeenService, ToldServices, WatchServices};

use crate::Error;

/// The id of what is raised under a key: the same on whichever node, so that repeats can be dropped.
pub(crate) fn event_id(key: &str) -> DomainEventId {
    DomainEventId::new(Sha256Digest::of(key.as_bytes()).uuid())
}

/// The key of a round of work that one node does for all: one in each `every_seconds`.
fn round(work: &str, now: Timestamp, every_seconds: i64) -> String {
    format!("{work}:{}", now.as_second().div_euclid(every_seconds.max(1)))
}

/// All accounts there are.
async fn every_account(accounts: &dyn AccountRepository) -> Result<Vec<Account>, Error> {
    let mut all = Vec::new();
    let mut page = PageRequest::default();
    loop {
        let found = accounts.list(page).await?;
        all.extend(found.items);
        let Some(next) = found.next else { return Ok(all) };
        page.after = Some(next);
    }
}

/// What a look at an account came to. Where it failed, the others are looked at all the same.
fn noted(account: &Account, raised: Result<usize, Error>) -> usize {
    raised.unwrap_or_else(|error| {
        tracing::error!(account = %account.id, error = %Chain(&error), "an account was not looked at for alerts");
        0
    })
}
