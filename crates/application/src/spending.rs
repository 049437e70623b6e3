//! What was spent, as the account's own day counts it.

use adstead_domain::port::{AnalyticsRepository, SpendScope};
use adstead_domain::{Account, Spend};
use jiff::Timestamp;

use crate::Error;

/// What was spent today, in the account's zone, and in all.
pub(crate) async fn spend(
    analytics: &dyn AnalyticsRepository,
    account: &Account,
    scope: SpendScope,
    now: Timestamp,
) -> Result<Spend, Error> {
    let zone = &account.time_zone;
    let (today, _) = zone.day_bounds(zone.day_of(now));
    Ok(analytics.spend(account.id, scope, today).await?)
}
