use std::collections::HashMap;
use std::sync::Arc;

use adstead_domain::optimization::collapsed_ctr;
use adstead_domain::port::{AccountRepository, AdRepository, Alerts, AnalyticsRepository, Clock};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    Account, AdId, AdStatus, ClickThroughChange, DomainEvent, Metrics, Occurrence, ReportFilter, ReportQuery,
    TimeRange,
};
use jiff::{SignedDuration, Timestamp};

use super::{event_id, every_account, noted, round};
use crate::Error;
use crate::spending::too_many_ads;

/// Tells when far fewer of those who see an active ad click it than did in the week before.
pub struct WatchClicks {
    /// All accounts.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Where the figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// What was told.
    pub alerts: Arc<dyn Alerts>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl WatchClicks {
    /// How often one of the nodes looks: the figures of a whole day do not change faster.
    pub const EVERY: SignedDuration = SignedDuration::from_hours(1);

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    /// Looks at all ads, unless another node does; how many events that made.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn execute(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        if !self.alerts.take(&round("watch:clicks", now, Self::EVERY.as_secs()), now).await? {
            return Ok(0);
        }
        let mut raised = 0;
        for account in every_account(self.accounts.as_ref()).await? {
            raised += noted(&account, self.look_at(&account, now).await);
        }
        Ok(raised)
    }

    async fn look_at(&self, account: &Account, now: Timestamp) -> Result<usize, Error> {
        let yesterday = now - Self::DAY;
        let usual = self.by_ad(account, yesterday - 7 * Self::DAY, yesterday, now).await?;
        let recent = self.by_ad(account, yesterday, now, now).await?;
        let mut raised = 0;
        for (id, recent) in recent {
            let rates = usual.get(&id).and_then(|usual| collapsed_ctr(usual, &recent));
            let Some((usual_ctr, ctr)) = rates else { continue };
            let found = self.ads.get(account.id, id).await?;
            let Some(ad) = found.filter(|ad| ad.status == AdStatus::Active) else { continue };
            let key = format!("ctr:{id}:{}", account.time_zone.day_of(now));
            let change = ClickThroughChange::Collapsed;
            let occurrence = Occurrence::ClickThrough { change, ad_id: id, name: ad.name, ctr, usual_ctr };
            let event = DomainEvent::found(event_id(&key), account.id, occurrence, now);
            raised += usize::from(self.alerts.raise(&key, &event).await?);
        }
        Ok(raised)
    }

    async fn by_ad(
        &self,
        account: &Account,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<HashMap<AdId, Metrics>, Error> {
        let query = ReportQuery {
            range: TimeRange::new(from, to)?,
            zone: account.time_zone.clone(),
            granularity: Granularity::Total,
            group_by: GroupBy::Ad,
            filter: ReportFilter::default(),
        };
        let figures = self.analytics.report(account.id, &query, now).await.map_err(too_many_ads)?;
        let by_ad = figures.rows.into_iter().filter_map(|row| Some((row.key.parse().ok()?, row.metrics)));
        Ok(by_ad.collect())
    }
}
