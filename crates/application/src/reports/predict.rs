use std::sync::Arc;

use adstead_domain::port::{AccountRepository, AdRepository, AnalyticsRepository, Clock};
use adstead_domain::prediction::{DayFigures, Prediction, predict};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    Actor, AdId, Metrics, Period, Permission, ReportFilter, ReportQuery, ReportRow, TimeRange,
};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::Error;
use crate::accounts::account_of;
use crate::spending::too_much;

/// Tells what the next days of an ad may bring.
pub struct PredictAd {
    /// Where the account's zone is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Where the figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl PredictAd {
    const HISTORY_DAYS: i64 = 60;

    /// The forecast from the ad's whole days up to yesterday.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] for a horizon out of bounds.
    pub async fn execute(&self, actor: &Actor, id: AdId, horizon_days: u8) -> Result<Prediction, Error> {
        actor.must(Permission::Read)?;
        let account = account_of(self.accounts.as_ref(), actor).await?;
        self.ads.get(account.id, id).await?.ok_or_else(|| Error::not_found("ad", id))?;
        let zone = account.time_zone;
        let yesterday = zone.day_of(self.clock.now()).saturating_sub(1.day());
        let first = yesterday.saturating_sub((Self::HISTORY_DAYS - 1).days());
        let query = ReportQuery {
            range: TimeRange::days(first, yesterday, &zone)?,
            zone,
            granularity: Granularity::Day,
            group_by: GroupBy::Ad,
            filter: ReportFilter { ad_id: Some(id), ..ReportFilter::default() },
        };
        let rows = self.analytics.report(account.id, &query).await.map_err(too_much)?;
        let forecast = predict(&history(&rows, yesterday), horizon_days);
        forecast.map_err(|fault| fault.at("/horizon_days").into())
    }
}

/// Each day from the first with a figure to `last`; those without a row had nothing.
fn history(rows: &[ReportRow], last: Date) -> Vec<DayFigures> {
    let days: Vec<_> = rows
        .iter()
        .filter_map(|row| match row.period {
            Period::Day(date) => Some(DayFigures { date, metrics: row.metrics }),
            Period::Hour(_) | Period::Total => None,
        })
        .collect();
    let Some(first) = days.first() else { return Vec::new() };
    let figures =
        |date| days.iter().find(|day| day.date == date).map_or_else(Metrics::default, |day| day.metrics);
    let all = first.date.series(1.day()).take_while(|date| *date <= last);
    all.map(|date| DayFigures { date, metrics: figures(date) }).collect()
}
