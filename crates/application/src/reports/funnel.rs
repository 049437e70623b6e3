use std::sync::Arc;

use adstead_domain::port::{AccountRepository, AnalyticsRepository, Clock};
use adstead_domain::report::{Funnel, Granularity, GroupBy};
use adstead_domain::{Actor, ReportFilter};

use super::{PerformanceReport, ReportDays, ReportRequest};
use crate::Error;

/// Tells how people come from seeing ads to doing what these are for.
pub struct FunnelReport {
    /// Where the account's zone is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where the figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl FunnelReport {
    /// The funnel of the ads that pass `filter`, between the same ends as a report's.
    ///
    /// # Errors
    /// As [`PerformanceReport::execute`].
    pub async fn execute(
        &self,
        actor: &Actor,
        from: Option<ReportDays>,
        to: Option<ReportDays>,
        filter: ReportFilter,
    ) -> Result<Funnel, Error> {
        let Self { accounts, analytics, clock } = self;
        let report = PerformanceReport {
            accounts: Arc::clone(accounts),
            analytics: Arc::clone(analytics),
            clock: Arc::clone(clock),
        };
        let (granularity, group_by) = (Granularity::Total, GroupBy::Account);
        let totals = report.execute(actor, ReportRequest { from, to, granularity, group_by, filter }).await?;
        Ok(Funnel::of(&totals))
    }
}
