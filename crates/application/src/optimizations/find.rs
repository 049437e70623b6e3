use std::sync::Arc;

use adstead_domain::port::{
    AccountRepository, AdRepository, AnalyticsRepository, Clock, OptimizationRepository,
};
use adstead_domain::report::{BUCKET, Granularity, GroupBy, bucket_start};
use adstead_domain::{
    Actor, AdId, Metrics, OptimizationRun, Page, PageRequest, Permission, ReportFilter, ReportQuery,
    TimeRange, Zone,
};
use jiff::{SignedDuration, Timestamp};

use crate::Error;
use crate::accounts::account_of;
use crate::spending::too_much;

/// Finds runs, and what became of the ad after they were applied.
pub struct FindOptimizations {
    /// Where the account's zone is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Where the figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// Where runs are kept.
    pub optimizations: Arc<dyn OptimizationRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// A run and what followed.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedRun {
    /// The run.
    pub run: OptimizationRun,
    /// The ad's figures after it was applied: from the next quarter of an hour on, for as long as was looked at before,
    /// which is 28 days.
    pub metrics_since: Option<Metrics>,
}

impl FindOptimizations {
    /// How long what followed is counted: as long as an analysis looks back, so that the two compare.
    const FOLLOWED: SignedDuration = SignedDuration::from_hours(28 * 24);

    /// A page of an ad's runs.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown ad.
    pub async fn of_ad(
        &self,
        actor: &Actor,
        ad: AdId,
        page: PageRequest,
    ) -> Result<Page<FollowedRun>, Error> {
        actor.must(Permission::Read)?;
        let account = account_of(self.accounts.as_ref(), actor).await?;
        self.ads.get(account.id, ad).await?.ok_or_else(|| Error::not_found("ad", ad))?;
        let Page { items, next } = self.optimizations.of_ad(account.id, ad, page).await?;
        let mut followed = Vec::with_capacity(items.len());
        for run in items {
            let metrics_since = match &run.applied {
                Some(applied) => Some(self.since(&run, applied.at, &account.time_zone).await?),
                None => None,
            };
            followed.push(FollowedRun { run, metrics_since });
        }
        Ok(Page { items: followed, next })
    }

    async fn since(
        &self,
        run: &OptimizationRun,
        applied_at: Timestamp,
        zone: &Zone,
    ) -> Result<Metrics, Error> {
        let begin = bucket_start(applied_at) + BUCKET;
        let now = self.clock.now();
        let end = (bucket_start(now) + BUCKET).min(begin + Self::FOLLOWED);
        if end <= begin {
            return Ok(Metrics::default());
        }
        let query = ReportQuery {
            range: TimeRange::new(begin, end)?,
            zone: zone.clone(),
            granularity: Granularity::Total,
            group_by: GroupBy::Ad,
            filter: ReportFilter { ad_id: Some(run.ad_id), ..ReportFilter::default() },
        };
        let figures = self.analytics.report(run.account_id, &query, now).await.map_err(too_much)?;
        Ok(figures.rows.iter().map(|row| row.metrics).sum())
    }
}
