use std::sync::Arc;

use adstead_domain::port::{AccountRepository, AnalyticsRepository, Clock, SpendScope};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    Actor, AdId, Currency, Figures, Inventory, Metrics, Permission, ReportFilter, ReportQuery, Spend,
    TimeRange, UserId, Zone,
};
use jiff::{Timestamp, ToSpan};

use crate::Error;
use crate::accounts::account_of;
use crate::spending::{beyond_bounds, spend, too_many_ads};

/// Tells how the account stands, on one page.
pub struct SummaryReport {
    /// Where the account's zone is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where the figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// How the account stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// In whose days.
    pub zone: Zone,
    /// The currency of the figures, once there is one.
    pub currency: Option<Currency>,
    /// What there is.
    pub inventory: Inventory,
    /// What was spent; the whole account's, also where one user is asked for.
    pub spend: Spend,
    /// The share of the inventory's budgets that their own campaigns spent.
    pub budget_used: Option<f64>,
    /// The account's ads that are clicked most often, the best first; also where one user is asked for.
    pub best_ads: Vec<RankedAd>,
    /// The account's ads that are clicked least often, the worst first; also where one user is asked for.
    pub worst_ads: Vec<RankedAd>,
    /// When the oldest of its figures were read, those of the best and worst ads: that may be a while ago.
    pub computed_at: Timestamp,
}

/// An ad and its figures of the last thirty days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankedAd {
    /// The ad.
    pub ad_id: AdId,
    /// Its figures.
    pub metrics: Metrics,
}

impl SummaryReport {
    const RANKED_DAYS: i64 = 30;
    const RANKED_ADS: usize = 5;
    /// A click-through rate ranks from this many impressions on, as in the rules of optimisation.
    const MIN_IMPRESSIONS: u64 = 1_000;

    /// The summary; what there is counts one user's work where one is given.
    ///
    /// # Errors
    /// [`Error::Rules`] for figures of more than 64 bits, or more ads with figures than a report has rows.
    pub async fn execute(&self, actor: &Actor, user: Option<UserId>) -> Result<Summary, Error> {
        actor.must(Permission::Read)?;
        let account = account_of(self.accounts.as_ref(), actor).await?;
        let now = self.clock.now();
        let inventory = self.analytics.inventory(account.id, user).await.map_err(beyond_bounds)?;
        let spend = spend(self.analytics.as_ref(), &account, SpendScope::Account, now).await?;
        let (mut ranked, read_at) = self.ranked(actor, &account.time_zone, now).await?;
        let middle = ranked.len().div_ceil(2);
        let mut worst_ads = ranked.split_off(middle);
        worst_ads.reverse();
        worst_ads.truncate(Self::RANKED_ADS);
        ranked.truncate(Self::RANKED_ADS);
        let (budget, spent) = (inventory.budget_micros, inventory.budget_spent_micros);
        Ok(Summary {
            zone: account.time_zone,
            currency: account.currency,
            budget_used: (budget > 0).then(|| spent as f64 / budget as f64),
            inventory,
            spend,
            best_ads: ranked,
            worst_ads,
            computed_at: read_at,
        })
    }

    /// All ads with enough impressions, the most clicked first, and when their figures were read.
    async fn ranked(
        &self,
        actor: &Actor,
        zone: &Zone,
        now: Timestamp,
    ) -> Result<(Vec<RankedAd>, Timestamp), Error> {
        let today = zone.day_of(now);
        let range = TimeRange::days(today.saturating_sub((Self::RANKED_DAYS - 1).days()), today, zone)?;
        let query = ReportQuery {
            range,
            zone: zone.clone(),
            granularity: Granularity::Total,
            group_by: GroupBy::Ad,
            filter: ReportFilter::default(),
        };
        let figures = self.analytics.report(actor.account_id, &query, now).await.map_err(too_many_ads)?;
        let Figures { rows, read_at } = figures;
        let mut ranked: Vec<_> = rows
            .into_iter()
            .filter(|row| row.metrics.impressions >= Self::MIN_IMPRESSIONS)
            .filter_map(|row| Some(RankedAd { ad_id: row.key.parse().ok()?, metrics: row.metrics }))
            .collect();
        let rate = |ad: &RankedAd| ad.metrics.ctr().unwrap_or_default();
        ranked.sort_by(|a, b| rate(b).total_cmp(&rate(a)).then(a.ad_id.cmp(&b.ad_id)));
        Ok((ranked, read_at))
    }
}
