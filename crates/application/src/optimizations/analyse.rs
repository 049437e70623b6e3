use std::sync::Arc;

use adstead_domain::optimization::{Benchmark, Observed, recommend};
use adstead_domain::port::{
    AccountRepository, AdRepository, AnalyticsRepository, CampaignRepository, Clock, IdGenerator,
    OptimizationRepository, SpendScope,
};
use adstead_domain::report::{Granularity, GroupBy, Period};
use adstead_domain::{
    Actor, AdId, Metrics, OptimizationRun, OptimizationRunId, Permission, ReportFilter, ReportQuery,
    ReportRow, TimeRange, Version,
};
use jiff::ToSpan;

use crate::Error;
use crate::accounts::account_of;
use crate::spending::{spend, too_many_ads};

/// Looks at an ad's figures and says what they advise.
pub struct AnalyseAd {
    /// Where the account's zone is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Where the figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// Where runs are kept.
    pub optimizations: Arc<dyn OptimizationRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl AnalyseAd {
    /// Over how many days, today included, figures are compared.
    const DAYS: i64 = 28;

    /// The advice, kept as a run.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] for figures of more than 64 bits, or more ads with figures than a report has
    /// rows.
    pub async fn execute(&self, actor: &Actor, id: AdId) -> Result<OptimizationRun, Error> {
        actor.must(Permission::Write)?;
        let account = account_of(self.accounts.as_ref(), actor).await?;
        let found = self.ads.get(account.id, id).await?;
        let ad = found.ok_or_else(|| Error::not_found("ad", id))?;
        let campaign = self.campaigns.get(account.id, ad.campaign_id).await?;
        let campaign = campaign.ok_or_else(|| Error::not_found("campaign", ad.campaign_id))?;
        let now = self.clock.now();
        let zone = account.time_zone.clone();
        let today = zone.day_of(now);
        let range = TimeRange::days(today.saturating_sub((Self::DAYS - 1).days()), today, &zone)?;
        let every_ad = ReportQuery {
            range,
            zone: zone.clone(),
            granularity: Granularity::Total,
            group_by: GroupBy::Ad,
            filter: ReportFilter::default(),
        };
        let by_day = ReportQuery {
            granularity: Granularity::Day,
            filter: ReportFilter { ad_id: Some(id), ..ReportFilter::default() },
            ..every_ad.clone()
        };
        let all = self.analytics.report(account.id, &every_ad, now).await.map_err(too_many_ads)?;
        let all: Vec<_> = all.rows.iter().map(|row| row.metrics).collect();
        let days = self.analytics.report(account.id, &by_day, now).await.map_err(too_many_ads)?.rows;
        let (earlier, later) = halves(&days);
        let of_today = days.iter().filter(|day| day.period == Period::Day(today));
        let observed = Observed {
            status: ad.status,
            metrics: earlier + later,
            earlier,
            later,
            spent_today_micros: of_today.map(|day| day.metrics.spend_micros).sum(),
            budget: &campaign.budget,
            spend: spend(self.analytics.as_ref(), &account, SpendScope::Campaign(campaign.id), now).await?,
            zone: &zone,
            now,
        };
        let run = OptimizationRun {
            id: OptimizationRunId::new(self.ids.next()),
            account_id: account.id,
            ad_id: id,
            range,
            metrics: observed.metrics,
            recommendations: recommend(&observed, &Benchmark::of(&all)),
            applied: None,
            created_by: actor.user_id,
            created_at: now,
            version: Version::FIRST,
        };
        self.optimizations.insert(&run).await?;
        Ok(run)
    }
}

/// The figures of the earlier and the later half of the days on which the ad had any.
fn halves(days: &[ReportRow]) -> (Metrics, Metrics) {
    let (earlier, later) = days.split_at(days.len() / 2);
    let sum = |days: &[ReportRow]| days.iter().map(|day| day.metrics).sum();
    (sum(earlier), sum(later))
}
