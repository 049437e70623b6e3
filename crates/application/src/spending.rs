//! What was spent, as the account's own day counts it.

use adstead_domain::port::{AnalyticsRepository, PortError, PortErrorKind, SpendScope};
use adstead_domain::{Account, Report, Spend, Violation};
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
    analytics.spend(account.id, scope, today).await.map_err(beyond_bounds)
}

/// What it means for the caller that figures were refused: sums past 64 bits.
pub(crate) fn beyond_bounds(error: PortError) -> Error {
    if error.kind != PortErrorKind::Rejected {
        return error.into();
    }
    Violation::invalid(
        "the account's figures add up to more than 64 bits can hold: read reports of parts of them",
    )
    .into()
}

/// What it means for the caller that a report was refused: too many rows, or sums past 64 bits.
pub(crate) fn too_much(error: PortError) -> Error {
    if error.kind == PortErrorKind::Rejected { too_much_to_tell() } else { error.into() }
}

/// What it means for the caller that a comparison of all ads was refused: too many of them, or sums past 64 bits.
pub(crate) fn too_many_ads(error: PortError) -> Error {
    if error.kind != PortErrorKind::Rejected {
        return error.into();
    }
    let most = Report::MAX_ROWS;
    let message = format!(
        "more than {most} ads of the account have figures, or these add up to more than 64 bits can hold: \
         they cannot be compared; read performance reports by campaign instead"
    );
    Violation::invalid(message).into()
}

/// A report that would have too many rows, or sums past 64 bits.
pub(crate) fn too_much_to_tell() -> Error {
    let most = Report::MAX_ROWS;
    let message = format!(
        "the report has more than {most} rows, or figures of more than 64 bits: shorten the time or ask for fewer ads; \
         against too many rows, a coarser granularity or grouping helps as well"
    );
    Violation::invalid(message).into()
}
