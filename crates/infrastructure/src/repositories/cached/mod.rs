//! Caches before the repositories that are read most: each a decorator that keeps its port's whole contract.
//!
//! A write outdates what it touched before it answers, however it ended: after a failure nobody knows what is stored. It
//! also does so where its caller has given up meanwhile, since the database may have committed by then. Other nodes are
//! told where they share a Redis; where they do not, they see it once the entry's time is over.

mod accounts;
mod ads;
mod analytics;
mod caches;
mod campaigns;
mod optimizations;
mod performance;

pub use accounts::CachedAccounts;
pub use ads::CachedAds;
pub use analytics::CachedAnalytics;
pub use caches::{CacheTimes, RepositoryCaches};
pub use campaigns::CachedCampaigns;
pub use optimizations::CachedOptimizations;
pub use performance::CachedPerformance;

use adstead_domain::AccountId;
use adstead_domain::port::PortError;
use tokio::task::JoinError;
use tracing::Instrument;

use crate::cache::LoadError;
use crate::resilience::Deadline;

/// Runs a write to its end, with what follows from it, though the caller may be gone: at the latest, its deadline ends it.
async fn to_the_end<T: Send + 'static>(write: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(Deadline::scope_current(write).in_current_span())
        .await
        .map_err(JoinError::try_into_panic)
    {
        Ok(outcome) => outcome,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The runtime is shutting down, and drops this caller next.
        Err(Err(_)) => std::future::pending().await,
    }
}

/// What a cache answers, where it does so before the caller's deadline. A load goes on without its caller.
async fn in_time<T>(
    operation: &'static str,
    read: impl Future<Output = Result<T, LoadError<PortError>>>,
) -> Result<T, PortError> {
    let read = async { read.await.map_err(|error| error.during(operation)) };
    match Deadline::current() {
        Some(deadline) => deadline.bound(operation, read).await,
        None => read.await,
    }
}

/// The tag of everything that is computed from an account's figures.
fn figures_of(account: AccountId) -> String {
    format!("figures:{account}")
}
