use std::sync::Arc;

use adstead_domain::port::{AccountRepository, AnalyticsRepository, Clock};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    Actor, Figures, Metrics, Permission, Report, ReportFilter, ReportQuery, TimeRange, Zone,
};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::Error;
use crate::accounts::account_of;
use crate::spending::{too_much, too_much_to_tell};

/// Tells how ads perform.
pub struct PerformanceReport {
    /// Where the account's zone is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where the figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Which figures are wanted.
#[derive(Debug, Clone)]
pub struct ReportRequest {
    /// The beginning; nothing means thirty days, today included, up to the end.
    pub from: Option<ReportDays>,
    /// The end; nothing means today.
    pub to: Option<ReportDays>,
    /// How finely in time.
    pub granularity: Granularity,
    /// By what.
    pub group_by: GroupBy,
    /// Of which ads.
    pub filter: ReportFilter,
}

/// An end of a report: a whole day of the account's zone, which is part of the report on either end, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportDays {
    /// A whole day.
    Day(Date),
    /// An instant.
    Instant(Timestamp),
}

impl PerformanceReport {
    const DEFAULT_DAYS: i64 = 30;

    /// The figures.
    ///
    /// # Errors
    /// [`Error::Rules`] as [`TimeRange::new`] has it, at the end of the time that is at fault; more rows than
    /// [`Report::MAX_ROWS`]; figures of more than 64 bits.
    pub async fn execute(&self, actor: &Actor, request: ReportRequest) -> Result<Report, Error> {
        actor.must(Permission::Read)?;
        let account = account_of(self.accounts.as_ref(), actor).await?;
        let now = self.clock.now();
        let zone = account.time_zone;
        let range = range(request.from, request.to, &zone, now)?;
        let ReportRequest { granularity, group_by, filter, .. } = request;
        let query = ReportQuery { range, zone, granularity, group_by, filter };
        let figures = self.analytics.report(account.id, &query, now).await.map_err(too_much)?;
        let Figures { rows, read_at } = figures;
        let totals = Metrics::checked_sum(rows.iter().map(|row| row.metrics)).ok_or_else(too_much_to_tell)?;
        Ok(Report { zone: query.zone, range, rows, totals, computed_at: read_at })
    }
}

fn range(
    from: Option<ReportDays>,
    to: Option<ReportDays>,
    zone: &Zone,
    now: Timestamp,
) -> Result<TimeRange, Error> {
    let today = zone.day_of(now);
    let end = match to {
        None => zone.day_bounds(today).1,
        Some(ReportDays::Day(last)) => zone.day_bounds(last).1,
        Some(ReportDays::Instant(end)) => end,
    };
    let begin = match from {
        Some(ReportDays::Day(first)) => zone.day_bounds(first).0,
        Some(ReportDays::Instant(begin)) => begin,
        None => {
            // The last day of the report is the one that its last instant lies in.
            let last = zone.day_of(end.saturating_sub(1.nanosecond()).unwrap_or(end));
            let first = last.saturating_sub((PerformanceReport::DEFAULT_DAYS - 1).days());
            // Nobody asked for this beginning: it is cut to what is allowed.
            zone.day_bounds(first).0.clamp(TimeRange::EARLIEST, TimeRange::LATEST)
        }
    };
    Ok(TimeRange::new(begin, end)?)
}
