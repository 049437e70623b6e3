use std::sync::Arc;

use adstead_domain::port::{AccountRepository, AdRepository, AnalyticsRepository, Clock};
use adstead_domain::prediction::{DayFigures, Prediction, predict};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    Actor, AdId, Figures, Metrics, Period, Permission, ReportFilter, ReportQuery, ReportRow, TimeRange,
};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

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

/// What the next days of an ad may bring, and how old the figures are that say so.
#[derive(Debug, Clone, PartialEq)]
pub struct AdPrediction {
    /// The forecast.
    pub prediction: Prediction,
    /// When the figures that it rests on were read, which may be a while ago.
    pub computed_at: Timestamp,
}

impl PredictAd {
    const HISTORY_DAYS: i64 = 60;

    /// The forecast from the ad's whole days up to yesterday.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] for a horizon out of bounds.
    pub async fn execute(&self, actor: &Actor, id: AdId, horizon_days: u8) -> Result<AdPrediction, Error> {
        actor.must(Permission::Read)?;
        let account = account_of(self.accounts.as_ref(), actor).await?;
        self.ads.get(account.id, id).await?.ok_or_else(|| Error::not_found("ad", id))?;
        let zone = account.time_zone;
        let now = self.clock.now();
        let yesterday = zone.day_of(now).saturating_sub(1.day());
        let first = yesterday.saturating_sub((Self::HISTORY_DAYS - 1).days());
        let query = ReportQuery {
            range: TimeRange::days(first, yesterday, &zone)?,
            zone,
            granularity: Granularity::Day,
            group_by: GroupBy::Ad,
            filter: ReportFilter { ad_id: Some(id), ..ReportFilter::default() },
        };
        let figures = self.analytics.report(account.id, &query, now).await.map_err(too_much)?;
        let Figures { rows, read_at } = figures;
        let prediction = predict(&history(&rows, yesterday), horizon_days);
        let prediction = prediction.map_err(|fault| fault.at("/horizon_days"))?;
        Ok(AdPrediction { prediction, computed_at: read_at })
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
