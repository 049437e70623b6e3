//! What was spent, today and in all.

use adstead_domain::port::{PortErrorKind, SpendScope};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    AccountId, Ad, AdGroupId, CampaignId, EventKind, PerformanceEvent, ReportFilter, ReportQuery, Spend,
    TimeRange, Zone,
};
use jiff::{SignedDuration, Timestamp};

use super::record;
use crate::contract::Repositories;
use crate::contract::world::failure;
use crate::{TestClock, build};

/// The beginning of a day somewhere.
const TODAY: Timestamp = TestClock::START;

async fn spend(world: &Repositories, account: AccountId, scope: SpendScope) -> Spend {
    world.analytics.spend(account, scope, TODAY).await.expect("spend can be read")
}

/// An event of this cost, so long after today began, or before it.
fn costing(ad: &Ad, cost_micros: i64, after: SignedDuration) -> PerformanceEvent {
    PerformanceEvent { cost_micros, occurred_at: TODAY + after, ..build::event(ad) }
}

pub(super) async fn nothing_is_spent_without_events(world: &Repositories) {
    let tenant = world.tenant().await;
    for scope in [
        SpendScope::Account,
        SpendScope::Campaign(tenant.campaign.id),
        SpendScope::AdGroup(tenant.group.id),
        SpendScope::Campaign(CampaignId::new(build::id())),
        SpendScope::AdGroup(AdGroupId::new(build::id())),
    ] {
        assert_eq!(spend(world, tenant.account.id, scope).await, Spend::default(), "{scope:?}");
    }
}

pub(super) async fn spend_counts_its_scope_only(world: &Repositories) {
    let tenant = world.tenant().await;
    let sibling = world.ad_group(&tenant.campaign).await;
    let in_sibling = world.ad(&sibling, &tenant.campaign).await;
    let other = world.campaign(&tenant.user).await;
    let elsewhere = world.ad(&world.ad_group(&other).await, &other).await;
    let (now, yesterday) = (SignedDuration::ZERO, SignedDuration::from_hours(-5));
    let mut events = vec![
        costing(&tenant.ad, 1, now),
        costing(&tenant.ad, 10, yesterday),
        costing(&in_sibling, 100, now),
        costing(&in_sibling, 1_000, yesterday),
        costing(&elsewhere, 10_000, now),
        costing(&elsewhere, 100_000, yesterday),
    ];
    events[1].kind = EventKind::Click;
    events[3].kind = EventKind::Conversion;
    record(world, tenant.account.id, events).await;
    for (scope, today_micros, lifetime_micros) in [
        (SpendScope::Account, 10_101, 111_111),
        (SpendScope::Campaign(tenant.campaign.id), 101, 1_111),
        (SpendScope::Campaign(other.id), 10_000, 110_000),
        (SpendScope::AdGroup(tenant.group.id), 1, 11),
        (SpendScope::AdGroup(sibling.id), 100, 1_100),
    ] {
        let expected = Spend { today_micros, lifetime_micros };
        assert_eq!(spend(world, tenant.account.id, scope).await, expected, "{scope:?}");
    }
}

pub(super) async fn spend_by_campaign_equals_the_spend_of_each(world: &Repositories) {
    let (tenant, stranger) = (world.tenant().await, world.tenant().await);
    let other = world.campaign(&tenant.user).await;
    let elsewhere = world.ad(&world.ad_group(&other).await, &other).await;
    let idle = world.campaign(&tenant.user).await;
    let (now, yesterday) = (SignedDuration::ZERO, SignedDuration::from_hours(-5));
    let events = [
        costing(&tenant.ad, 1, now),
        costing(&tenant.ad, 10, yesterday),
        costing(&elsewhere, 100, now),
        costing(&elsewhere, 1_000, now),
    ];
    record(world, tenant.account.id, events).await;
    record(world, stranger.account.id, [costing(&stranger.ad, 7, now)]).await;
    let campaigns = [tenant.campaign.id, other.id, idle.id, stranger.campaign.id];
    let spends = world.analytics.spend_by_campaign(tenant.account.id, &campaigns, TODAY).await;
    let spends = spends.expect("spend can be read");
    for campaign in campaigns {
        let expected = spend(world, tenant.account.id, SpendScope::Campaign(campaign)).await;
        assert_eq!(spends.get(&campaign).copied().unwrap_or_default(), expected, "{campaign}");
    }
    assert_eq!(spends[&other.id], Spend { today_micros: 1_100, lifetime_micros: 1_100 });
    let unasked = world.analytics.spend_by_campaign(tenant.account.id, &[idle.id], TODAY).await;
    assert!(unasked.expect("spend can be read").values().all(|spend| *spend == Spend::default()));
}

pub(super) async fn today_begins_at_the_given_instant(world: &Repositories) {
    let tenant = world.tenant().await;
    let events = [
        costing(&tenant.ad, 1, SignedDuration::from_micros(-1)),
        costing(&tenant.ad, 20, SignedDuration::ZERO),
        costing(&tenant.ad, 300, SignedDuration::from_hours(30)),
        costing(&tenant.ad, 4_000, SignedDuration::from_hours(-24 * 365 * 20)),
    ];
    record(world, tenant.account.id, events).await;
    let expected = Spend { today_micros: 320, lifetime_micros: 4_321 };
    assert_eq!(spend(world, tenant.account.id, SpendScope::Account).await, expected);
    let tomorrow = TODAY + SignedDuration::from_hours(24);
    let seen = world.analytics.spend(tenant.account.id, SpendScope::Account, tomorrow).await;
    assert_eq!(seen.expect("spend can be read"), Spend { today_micros: 300, ..expected });
}

pub(super) async fn spend_sees_what_was_just_recorded(world: &Repositories) {
    let tenant = world.tenant().await;
    for count in 0..3 {
        for scope in [SpendScope::Account, SpendScope::Campaign(tenant.campaign.id)] {
            assert_eq!(spend(world, tenant.account.id, scope).await.lifetime_micros, 7 * count);
        }
        record(world, tenant.account.id, [costing(&tenant.ad, 7, SignedDuration::ZERO)]).await;
    }
}

pub(super) async fn another_accounts_events_are_in_no_spend(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    record(world, tenant.account.id, [costing(&tenant.ad, 1, SignedDuration::ZERO)]).await;
    record(world, other.account.id, [costing(&other.ad, 50, SignedDuration::ZERO)]).await;
    let ours = Spend { today_micros: 1, lifetime_micros: 1 };
    assert_eq!(spend(world, tenant.account.id, SpendScope::Account).await, ours);
    for scope in [SpendScope::Campaign(other.campaign.id), SpendScope::AdGroup(other.group.id)] {
        assert_eq!(spend(world, tenant.account.id, scope).await, Spend::default(), "{scope:?}");
    }
}

pub(super) async fn figures_past_64_bits_are_rejected(world: &Repositories) {
    let tenant = world.tenant().await;
    let account = tenant.account.id;
    let report = async |granularity| {
        let day = SignedDuration::from_hours(24);
        let query = ReportQuery {
            range: TimeRange::new(TODAY - day, TODAY + day).expect("a range"),
            zone: Zone::utc(),
            granularity,
            group_by: GroupBy::Account,
            filter: ReportFilter::default(),
        };
        world.analytics.report(account, &query, TODAY).await.map(|figures| figures.rows)
    };
    let half = i64::MAX / 2;
    let (now, later) = (SignedDuration::ZERO, SignedDuration::from_hours(2));
    record(world, account, [costing(&tenant.ad, half, now), costing(&tenant.ad, half, later)]).await;
    assert_eq!(spend(world, account, SpendScope::Account).await.lifetime_micros, 2 * half);
    assert_eq!(report(Granularity::Total).await.expect("64 bits suffice")[0].metrics.spend_micros, 2 * half);

    record(world, account, [costing(&tenant.ad, 2, later)]).await;
    assert_eq!(report(Granularity::Hour).await.expect("each hour fits").len(), 2);
    assert_eq!(failure(report(Granularity::Total).await), PortErrorKind::Rejected);
    let spent = world.analytics.spend(account, SpendScope::Account, TODAY).await;
    assert_eq!(failure(spent), PortErrorKind::Rejected);
    let spent = world.analytics.spend_by_campaign(account, &[tenant.campaign.id], TODAY).await;
    assert_eq!(failure(spent), PortErrorKind::Rejected);
    assert_eq!(failure(world.analytics.inventory(account, None).await), PortErrorKind::Rejected);
}
