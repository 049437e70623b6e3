//! Reports against the sum of their events.

use adstead_domain::port::PortErrorKind;
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    AccountId, Ad, AdId, Campaign, EventKind, Metrics, PerformanceEvent, Period, Platform, Report,
    ReportFilter, ReportQuery, ReportRow, TimeRange, Zone,
};
use jiff::{SignedDuration, Timestamp};

use super::record;
use crate::build::{self, parsed};
use crate::contract::Repositories;
use crate::contract::oracle::expected;
use crate::contract::world::failure;
use crate::{CountingEntropy, TestClock};

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange::new(instant(from), instant(to)).expect("a range")
}

/// The account's figures over the range, hour by hour, day by day, or in all.
fn query(range: TimeRange, zone: &str, granularity: Granularity) -> ReportQuery {
    let filter = ReportFilter::default();
    ReportQuery { range, zone: parsed(zone), granularity, group_by: GroupBy::Account, filter }
}

async fn report(world: &Repositories, account: AccountId, query: &ReportQuery) -> Vec<ReportRow> {
    let figures = world.analytics.report(account, query, TestClock::START).await;
    figures.expect("a report can be read").rows
}

/// One event every half hour from `from` up to `to`.
fn every_half_hour(ad: &Ad, from: &str, to: &str) -> Vec<PerformanceEvent> {
    let (from, to) = (instant(from), instant(to));
    let times = (0..).map(|n| from + SignedDuration::from_mins(30 * n)).take_while(|time| *time < to);
    times.map(|occurred_at| PerformanceEvent { occurred_at, ..build::event(ad) }).collect()
}

/// Two campaigns on two platforms, three groups, five ads; the last of them has no events.
async fn several_ads(world: &Repositories) -> Vec<Ad> {
    let user = world.newcomer().await;
    let google = world.campaign(&user).await;
    let facebook = Campaign { platform: Platform::Facebook, ..build::campaign(&user) };
    world.campaigns.insert(&facebook, &[]).await.expect("a campaign can be stored");
    let mut ads = Vec::new();
    for (campaign, count) in [(&facebook, 1), (&google, 2), (&google, 2)] {
        let group = world.ad_group(campaign).await;
        for _ in 0..count {
            ads.push(world.ad(&group, campaign).await);
        }
    }
    ads
}

/// Events at any microsecond from `from` on, over five days, some of them at the very same instants.
fn random_events(ads: &[Ad], from: Timestamp, seconds: u64) -> Vec<PerformanceEvent> {
    let dice = CountingEntropy::default();
    let event = |ad: &Ad| {
        let second = SignedDuration::from_secs(dice.below(seconds) as i64);
        let fraction = [0, 1, 999_999, dice.below(1_000_000)][dice.below(4) as usize];
        PerformanceEvent {
            kind: EventKind::ALL[dice.below(3) as usize],
            occurred_at: from + second + SignedDuration::from_micros(fraction as i64),
            cost_micros: dice.below(3_000_000) as i64,
            revenue_micros: dice.below(9_000_000) as i64,
            ..build::event(ad)
        }
    };
    let with_events = &ads[..ads.len() - 1];
    (0..400).map(|_| event(&with_events[dice.below(with_events.len() as u64) as usize])).collect()
}

fn filters(ads: &[Ad]) -> Vec<ReportFilter> {
    let (first, middle, last) = (&ads[0], &ads[ads.len() / 2], &ads[ads.len() - 1]);
    let by_ad = |ad: &Ad| ReportFilter { ad_id: Some(ad.id), ..ReportFilter::default() };
    let by_group = |ad: &Ad| ReportFilter { ad_group_id: Some(ad.ad_group_id), ..ReportFilter::default() };
    let by_campaign = |ad: &Ad| ReportFilter { campaign_id: Some(ad.campaign_id), ..ReportFilter::default() };
    let by_platform = |ad: &Ad| ReportFilter { platform: Some(ad.platform), ..ReportFilter::default() };
    vec![
        ReportFilter::default(),
        by_campaign(first),
        by_group(middle),
        by_ad(middle),
        by_ad(last),
        by_platform(first),
        ReportFilter { ad_type: Some(last.ad_type), ..ReportFilter::default() },
        ReportFilter {
            platform: Some(last.platform),
            ad_group_id: Some(last.ad_group_id),
            ..by_campaign(last)
        },
        ReportFilter { ad_id: Some(first.id), ..by_campaign(last) },
        ReportFilter { ad_id: Some(AdId::new(build::id())), ..ReportFilter::default() },
    ]
}

/// Compares each report that can be asked for with the plain sum of the events.
async fn assert_sums(world: &Repositories, begin: &str, ranges: &[TimeRange]) {
    const FIVE_DAYS: u64 = 5 * 86_400;
    let ads = several_ads(world).await;
    let account = ads[0].account_id;
    let events = random_events(&ads, instant(begin), FIVE_DAYS);
    for part in events.chunks(150) {
        record(world, account, part).await;
    }
    for query in queries(&ads, ranges) {
        let rows = report(world, account, &query).await;
        assert_eq!(rows, expected(&ads, &events, &query), "{query:?}");
    }
}

/// Every grouping by every filter, at every granularity, in zones whose clocks are whole, half and quarter hours off.
fn queries(ads: &[Ad], ranges: &[TimeRange]) -> Vec<ReportQuery> {
    let mut queries = vec![];
    for zone in ["America/New_York", "Asia/Kolkata", "Asia/Kathmandu"] {
        for &range in ranges {
            for &granularity in Granularity::ALL {
                let plain = query(range, zone, granularity);
                for filter in filters(ads) {
                    let by = |&group_by| ReportQuery { group_by, filter, ..plain.clone() };
                    queries.extend(GroupBy::ALL.iter().map(by));
                }
            }
        }
    }
    queries
}

pub(super) async fn reports_equal_the_sum_of_their_events_in_spring(world: &Repositories) {
    let ranges = [
        range("2026-03-05T00:00:00Z", "2026-03-12T00:00:00Z"),
        range("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
    ];
    assert_sums(world, "2026-03-06T00:00:00Z", &ranges).await;
}

pub(super) async fn reports_equal_the_sum_of_their_events_in_autumn(world: &Repositories) {
    let ranges = [
        range("2026-10-29T00:00:00Z", "2026-11-06T00:00:00Z"),
        range("2026-10-31T18:15:00Z", "2026-11-01T18:15:00Z"),
    ];
    assert_sums(world, "2026-10-30T00:00:00Z", &ranges).await;
}

pub(super) async fn a_report_without_events_is_empty(world: &Repositories) {
    let tenant = world.tenant().await;
    record(world, tenant.account.id, [build::event(&tenant.ad)]).await;
    let before = range("2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z");
    for (&granularity, &group_by) in Granularity::ALL.iter().zip(GroupBy::ALL) {
        let query = ReportQuery { group_by, ..query(before, "UTC", granularity) };
        assert_eq!(report(world, tenant.account.id, &query).await, []);
    }
}

pub(super) async fn a_day_has_twenty_three_hours_when_clocks_go_forward(world: &Repositories) {
    let tenant = world.tenant().await;
    // 8 March 2026 in New York: from midnight at UTC−5 to midnight at UTC−4.
    record(
        world,
        tenant.account.id,
        every_half_hour(&tenant.ad, "2026-03-08T04:30:00Z", "2026-03-09T05:00:00Z"),
    )
    .await;
    let days = range("2026-03-07T05:00:00Z", "2026-03-10T04:00:00Z");
    let rows = report(world, tenant.account.id, &query(days, "America/New_York", Granularity::Day)).await;
    assert_eq!(impressions(&rows), [(day("2026-03-07"), 1), (day("2026-03-08"), 46), (day("2026-03-09"), 2)]);
    let only = range("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z");
    let rows = report(world, tenant.account.id, &query(only, "America/New_York", Granularity::Hour)).await;
    assert_eq!(impressions(&rows), hours("2026-03-08T05:00:00Z", 23));
}

pub(super) async fn a_day_has_twenty_five_hours_when_clocks_go_back(world: &Repositories) {
    let tenant = world.tenant().await;
    // 1 November 2026 in New York: from midnight at UTC−4 to midnight at UTC−5; the clocks show 01:30 twice.
    record(
        world,
        tenant.account.id,
        every_half_hour(&tenant.ad, "2026-11-01T03:30:00Z", "2026-11-02T06:00:00Z"),
    )
    .await;
    let days = range("2026-10-31T04:00:00Z", "2026-11-03T05:00:00Z");
    let rows = report(world, tenant.account.id, &query(days, "America/New_York", Granularity::Day)).await;
    assert_eq!(impressions(&rows), [(day("2026-10-31"), 1), (day("2026-11-01"), 50), (day("2026-11-02"), 2)]);
    let only = range("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
    let rows = report(world, tenant.account.id, &query(only, "America/New_York", Granularity::Hour)).await;
    assert_eq!(impressions(&rows), hours("2026-11-01T04:00:00Z", 25));
}

pub(super) async fn hours_begin_where_the_zones_clocks_say(world: &Repositories) {
    let tenant = world.tenant().await;
    // Clocks in India are at half past where those of UTC are full: 23:59:59.999999, then midnight.
    let times = ["2026-06-10T18:29:59.999999Z", "2026-06-10T18:30:00Z", "2026-06-10T19:15:00Z"];
    let events =
        times.map(|time| PerformanceEvent { occurred_at: instant(time), ..build::event(&tenant.ad) });
    record(world, tenant.account.id, events).await;
    let both_days = range("2026-06-09T18:30:00Z", "2026-06-11T18:30:00Z");
    let rows = report(world, tenant.account.id, &query(both_days, "Asia/Kolkata", Granularity::Hour)).await;
    let (last, first) = (instant("2026-06-10T17:30:00Z"), instant("2026-06-10T18:30:00Z"));
    assert_eq!(impressions(&rows), [(Period::Hour(last), 1), (Period::Hour(first), 2)]);
    let rows = report(world, tenant.account.id, &query(both_days, "Asia/Kolkata", Granularity::Day)).await;
    assert_eq!(impressions(&rows), [(day("2026-06-10"), 1), (day("2026-06-11"), 2)]);
}

pub(super) async fn a_range_has_its_beginning_and_not_its_end(world: &Repositories) {
    let tenant = world.tenant().await;
    let times = [
        "2026-06-10T11:59:59.999999Z",
        "2026-06-10T12:00:00Z",
        "2026-06-10T12:14:59.999999Z",
        "2026-06-10T12:15:00Z",
    ];
    let events =
        times.map(|time| PerformanceEvent { occurred_at: instant(time), ..build::event(&tenant.ad) });
    record(world, tenant.account.id, events).await;
    let quarter = range("2026-06-10T12:00:00Z", "2026-06-10T12:15:00Z");
    let rows = report(world, tenant.account.id, &query(quarter, "UTC", Granularity::Total)).await;
    assert_eq!(impressions(&rows), [(Period::Total, 2)]);
}

pub(super) async fn rows_come_by_period_and_then_by_key(world: &Repositories) {
    let tenant = world.tenant().await;
    let mut ads = vec![tenant.ad];
    for _ in 0..3 {
        ads.push(world.ad(&tenant.group, &tenant.campaign).await);
    }
    let times = [instant("2026-06-12T08:00:00Z"), instant("2026-06-10T08:00:00Z")];
    for occurred_at in times {
        let events: Vec<_> =
            ads.iter().rev().map(|ad| PerformanceEvent { occurred_at, ..build::event(ad) }).collect();
        record(world, tenant.account.id, events).await;
    }
    let days = range("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z");
    let by_ad = ReportQuery { group_by: GroupBy::Ad, ..query(days, "UTC", Granularity::Day) };
    let rows = report(world, tenant.account.id, &by_ad).await;
    let places: Vec<_> = rows.iter().map(|row| (row.period, row.key.clone())).collect();
    let in_order = |date: &str| ads.iter().map(|ad| (day(date), ad.id.to_string())).collect::<Vec<_>>();
    assert_eq!(places, [in_order("2026-06-10"), in_order("2026-06-12")].concat());
}

pub(super) async fn a_report_has_a_bound_on_its_rows(world: &Repositories) {
    const HOURS: usize = Report::MAX_ROWS / 4;
    let tenant = world.tenant().await;
    let mut ads = vec![tenant.ad];
    for _ in 1..4 {
        ads.push(world.ad(&tenant.group, &tenant.campaign).await);
    }
    let begin = instant("2025-01-01T00:00:00Z");
    let event = |ad: &Ad, hour: usize| {
        let occurred_at = begin + SignedDuration::from_hours(hour as i64);
        PerformanceEvent { occurred_at, ..build::event(ad) }
    };
    let account = tenant.account.id;
    for ad in &ads {
        record(world, account, (0..HOURS).map(|hour| event(ad, hour)).collect::<Vec<_>>()).await;
    }
    let longest = TimeRange::new(begin, begin + SignedDuration::from_hours(24 * TimeRange::MAX_DAYS));
    // Clocks change in between: the bound is on the whole, not on each piece of it.
    let by_hour = query(longest.expect("a range"), "America/New_York", Granularity::Hour);
    let by_ad = ReportQuery { group_by: GroupBy::Ad, ..by_hour.clone() };
    assert_eq!(report(world, account, &by_ad).await.len(), Report::MAX_ROWS);
    record(world, account, [event(&ads[0], HOURS)]).await;
    assert_eq!(failure(world.analytics.report(account, &by_ad, begin).await), PortErrorKind::Rejected);
    assert_eq!(report(world, account, &by_hour).await.len(), HOURS + 1);
}

pub(super) async fn a_report_sees_what_was_just_recorded(world: &Repositories) {
    let tenant = world.tenant().await;
    let long = SignedDuration::from_hours(24);
    let range = TimeRange::new(TestClock::START - long, TestClock::START + long).expect("a range");
    for count in 0..4 {
        for (&granularity, filter) in Granularity::ALL.iter().zip(filters(std::slice::from_ref(&tenant.ad))) {
            let query = ReportQuery { filter, ..query(range, "UTC", granularity) };
            let seen: Metrics =
                report(world, tenant.account.id, &query).await.iter().map(|row| row.metrics).sum();
            assert_eq!(seen.impressions, count, "{query:?}");
        }
        record(world, tenant.account.id, [build::event(&tenant.ad)]).await;
    }
}

pub(super) async fn a_report_says_when_it_was_read(world: &Repositories) {
    let tenant = world.tenant().await;
    let long = SignedDuration::from_hours(24);
    let range = TimeRange::new(TestClock::START - long, TestClock::START + long).expect("a range");
    let query = query(range, "UTC", Granularity::Total);
    let at = |second| TestClock::START + SignedDuration::from_secs(second);
    let read = async |now| {
        let figures = world.analytics.report(tenant.account.id, &query, now).await;
        figures.expect("a report can be read")
    };
    assert_eq!(read(at(0)).await.read_at, at(0));
    let again = read(at(20)).await.read_at;
    assert!([at(0), at(20)].contains(&again), "{again} is neither of the times at which it was read");
    assert_eq!(read(at(-10)).await.read_at, at(-10), "nothing is read in the future");

    record(world, tenant.account.id, [build::event(&tenant.ad)]).await;
    let anew = read(at(30)).await;
    assert_eq!((impressions(&anew.rows), anew.read_at), (vec![(Period::Total, 1)], at(30)));
}

pub(super) async fn another_accounts_events_are_in_no_report(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    record(world, tenant.account.id, [build::event(&tenant.ad)]).await;
    record(world, other.account.id, [build::event(&other.ad), build::event(&other.ad)]).await;
    let long = SignedDuration::from_hours(24);
    let range = TimeRange::new(TestClock::START - long, TestClock::START + long).expect("a range");
    for &group_by in GroupBy::ALL {
        let query = ReportQuery { group_by, ..query(range, Zone::utc().name(), Granularity::Total) };
        assert_eq!(impressions(&report(world, tenant.account.id, &query).await), [(Period::Total, 1)]);
        for filter in [
            ReportFilter { campaign_id: Some(other.campaign.id), ..ReportFilter::default() },
            ReportFilter { ad_group_id: Some(other.group.id), ..ReportFilter::default() },
            ReportFilter { ad_id: Some(other.ad.id), ..ReportFilter::default() },
        ] {
            let of_theirs = ReportQuery { filter, ..query.clone() };
            assert_eq!(report(world, tenant.account.id, &of_theirs).await, []);
        }
    }
}

fn day(date: &str) -> Period {
    Period::Day(date.parse().expect("a date"))
}

fn impressions(rows: &[ReportRow]) -> Vec<(Period, u64)> {
    rows.iter().map(|row| (row.period, row.metrics.impressions)).collect()
}

/// Two impressions in each of `count` successive hours.
fn hours(from: &str, count: i64) -> Vec<(Period, u64)> {
    let from = instant(from);
    (0..count).map(|n| (Period::Hour(from + SignedDuration::from_hours(n)), 2)).collect()
}
