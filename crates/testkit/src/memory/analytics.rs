use std::collections::{BTreeMap, HashMap, HashSet};

use adstead_domain::port::{AnalyticsRepository, PortError, PortErrorKind, SpendScope};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    AccountId, Ad, CampaignId, CampaignStatus, Figures, Inventory, Metrics, PerformanceEvent, Period, Report,
    ReportFilter, ReportQuery, ReportRow, Spend, UserId, Zone,
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::store::{MemoryStore, World, newest_first};

pub(super) struct MemoryAnalytics(pub(super) MemoryStore);

#[async_trait]
impl AnalyticsRepository for MemoryAnalytics {
    async fn report(
        &self,
        account: AccountId,
        query: &ReportQuery,
        now: Timestamp,
    ) -> Result<Figures, PortError> {
        let ReportQuery { range, zone, granularity, group_by, filter } = query;
        let world = self.0.world();
        let mut rows: BTreeMap<(Period, String), Metrics> = BTreeMap::new();
        let in_range = |event: &PerformanceEvent| (range.from()..range.to()).contains(&event.occurred_at);
        for (ad, event) in world.counted(account).filter(|(ad, event)| in_range(event) && admits(*filter, ad))
        {
            let place = (period(*granularity, zone, event.occurred_at), key(*group_by, ad));
            let figures = rows.entry(place).or_default();
            *figures = figures.checked_add(Metrics::of(event)).ok_or_else(|| beyond("analytics.report"))?;
            if rows.len() > Report::MAX_ROWS {
                return Err(PortError::new(PortErrorKind::Rejected, "analytics.report"));
            }
        }
        let rows = rows.into_iter().map(|((period, key), metrics)| ReportRow { period, key, metrics });
        Ok(Figures { rows: rows.collect(), read_at: now })
    }

    async fn spend(
        &self,
        account: AccountId,
        scope: SpendScope,
        today: Timestamp,
    ) -> Result<Spend, PortError> {
        let in_scope = |ad: &Ad| match scope {
            SpendScope::Account => true,
            SpendScope::Campaign(campaign) => ad.campaign_id == campaign,
            SpendScope::AdGroup(group) => ad.ad_group_id == group,
        };
        let mut spend = Spend::default();
        for (_, event) in self.0.world().counted(account).filter(|(ad, _)| in_scope(ad)) {
            let sum = spend.lifetime_micros.checked_add(event.cost_micros);
            spend.lifetime_micros = sum.ok_or_else(|| beyond("analytics.spend"))?;
            if event.occurred_at >= today {
                spend.today_micros += event.cost_micros;
            }
        }
        Ok(spend)
    }

    async fn spend_by_campaign(
        &self,
        account: AccountId,
        campaigns: &[CampaignId],
        today: Timestamp,
    ) -> Result<HashMap<CampaignId, Spend>, PortError> {
        let mut spends = HashMap::new();
        for &campaign in campaigns {
            spends.insert(campaign, self.spend(account, SpendScope::Campaign(campaign), today).await?);
        }
        Ok(spends)
    }

    async fn inventory(&self, account: AccountId, user: Option<UserId>) -> Result<Inventory, PortError> {
        let world = self.0.world();
        let by = |maker| user.is_none_or(|user| user == maker);
        let mut inventory = Inventory::default();
        let mut campaigns = BTreeMap::<_, u64>::new();
        let mut budgeted = HashSet::new();
        for campaign in newest_first(&world.campaigns, account).filter(|campaign| by(campaign.created_by)) {
            *campaigns.entry(campaign.status).or_default() += 1;
            if campaign.status != CampaignStatus::Archived {
                inventory.budget_micros += campaign.budget.total().micros();
                budgeted.insert(campaign.id);
            }
        }
        let spent = world.counted(account).filter(|(ad, _)| budgeted.contains(&ad.campaign_id));
        let spent = spent.map(|(_, event)| event.cost_micros).try_fold(0_i64, i64::checked_add);
        inventory.budget_spent_micros = spent.ok_or_else(|| beyond("analytics.inventory"))?;
        let mut ads = BTreeMap::<_, u64>::new();
        for ad in newest_first(&world.ads, account).filter(|ad| by(ad.created_by)) {
            *ads.entry(ad.status).or_default() += 1;
        }
        for generation in newest_first(&world.generations, account).filter(|one| by(one.requested_by)) {
            inventory.generations += 1;
            inventory.generation_cost_micros += generation.provenance.cost_micros.unwrap_or_default();
        }
        for asset in newest_first(&world.assets, account).filter(|asset| by(asset.uploaded_by)) {
            inventory.assets += 1;
            inventory.asset_bytes += asset.size_bytes;
        }
        inventory.campaigns = campaigns.into_iter().collect();
        inventory.ads = ads.into_iter().collect();
        Ok(inventory)
    }
}

impl World {
    /// The account's counted events, each with its ad.
    fn counted(&self, account: AccountId) -> impl Iterator<Item = (&Ad, &PerformanceEvent)> {
        let kept = self.events.iter().map(|((owner, _), event)| (*owner, event));
        let expired = self.expired.iter().map(|(owner, event)| (*owner, event));
        kept.chain(expired)
            .filter(move |(owner, _)| *owner == account)
            .filter_map(move |(_, event)| Some((self.ads.get(&(account, event.ad_id))?, event)))
    }
}

/// The failure of a sum that 64 bits cannot hold.
fn beyond(operation: &'static str) -> PortError {
    PortError::new(PortErrorKind::Rejected, operation)
}

fn admits(filter: ReportFilter, ad: &Ad) -> bool {
    let ReportFilter { campaign_id, ad_group_id, ad_id, platform, ad_type } = filter;
    campaign_id.is_none_or(|campaign| ad.campaign_id == campaign)
        && ad_group_id.is_none_or(|group| ad.ad_group_id == group)
        && ad_id.is_none_or(|id| ad.id == id)
        && platform.is_none_or(|platform| ad.platform == platform)
        && ad_type.is_none_or(|ad_type| ad.ad_type == ad_type)
}

fn key(group_by: GroupBy, ad: &Ad) -> String {
    match group_by {
        GroupBy::Account => ad.account_id.to_string(),
        GroupBy::Campaign => ad.campaign_id.to_string(),
        GroupBy::AdGroup => ad.ad_group_id.to_string(),
        GroupBy::Ad => ad.id.to_string(),
        GroupBy::Platform => ad.platform.to_string(),
        GroupBy::AdType => ad.ad_type.to_string(),
    }
}

fn period(granularity: Granularity, zone: &Zone, instant: Timestamp) -> Period {
    match granularity {
        Granularity::Hour => Period::Hour(hour_start(zone, instant)),
        Granularity::Day => Period::Day(zone.day_of(instant)),
        Granularity::Total => Period::Total,
    }
}

/// The first instant of the hour that the zone's clocks show at `instant`.
fn hour_start(zone: &Zone, instant: Timestamp) -> Timestamp {
    const HOUR: i64 = 3_600;
    let now = zone.offset_spans(instant, instant + SignedDuration::from_nanos(1));
    let offset = now.first().map_or(0, |span| i64::from(span.offset_seconds));
    let into_the_hour = (instant.as_second() + offset).rem_euclid(HOUR);
    Timestamp::from_second(instant.as_second() - into_the_hour).expect("an hour begins inside jiff's range")
}
