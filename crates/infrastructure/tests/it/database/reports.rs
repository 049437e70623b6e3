//! Figures are exact: under concurrency, and across changes of the clocks.

use std::sync::Arc;

use adstead_domain::port::Recorded;
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    EventId, Metrics, PerformanceEvent, Period, ReportFilter, ReportQuery, ReportRow, TimeRange,
};
use adstead_testkit::{TestClock, build};
use futures::future::join_all;
use jiff::civil::{Date, date};

use super::{Databases, repositories};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_overlapping_batches_at_once_count_each_event_once() {
    let databases = Databases::new();
    let world = repositories(databases.migrated().await);
    let tenant = world.tenant().await;
    let ids: Arc<[EventId]> = (0..1000).map(|_| EventId::new(build::id())).collect();
    let senders = (0..50).map(|sender| {
        let (world, tenant, ids) = (world.clone(), tenant.clone(), Arc::clone(&ids));
        tokio::spawn(async move {
            let event = |at: usize| PerformanceEvent { id: ids[at % ids.len()], ..build::event(&tenant.ad) };
            let batch = build::batch((sender * 20..sender * 20 + 300).map(event).collect::<Vec<_>>());
            world.performance.record(tenant.account.id, batch).await.expect("events can be recorded")
        })
    });
    let recorded: Vec<Recorded> =
        join_all(senders).await.into_iter().map(|outcome| outcome.expect("no panic")).collect();
    assert_eq!(recorded.iter().map(|recorded| recorded.counted).sum::<usize>(), 1000);
    assert_eq!(recorded.iter().map(|recorded| recorded.duplicates).sum::<usize>(), 50 * 300 - 1000);

    let query = ReportQuery {
        range: TimeRange::new("2026-01-01T00:00Z".parse().unwrap(), "2027-01-01T00:00Z".parse().unwrap())
            .unwrap(),
        zone: "UTC".parse().unwrap(),
        granularity: Granularity::Total,
        group_by: GroupBy::Account,
        filter: ReportFilter::default(),
    };
    let figures = world.analytics.report(tenant.account.id, &query, TestClock::START).await;
    let rows = figures.expect("figures can be read").rows;
    let one = Metrics::of(&build::event(&tenant.ad));
    let metrics = std::iter::repeat_n(one, 1000).sum();
    assert_eq!(rows, [ReportRow { period: Period::Total, key: tenant.account.id.to_string(), metrics }]);
}

/// Reports an event on each quarter of an hour of New York's days from `first` to `last`, and answers how many
/// impressions the report has for each day or hour.
async fn quarters_counted(first: Date, last: Date, granularity: Granularity) -> Vec<(Period, u64)> {
    let databases = Databases::new();
    let world = repositories(databases.migrated().await);
    let tenant = world.tenant().await;
    let zone = build::parsed("America/New_York");
    let range = TimeRange::days(first, last, &zone).expect("days in order");
    // A day more on either side, which the report must leave out.
    let day = jiff::SignedDuration::from_hours(24);
    let mut at = range.from() - day;
    let mut events = Vec::new();
    while at < range.to() + day {
        events.push(PerformanceEvent { occurred_at: at, ..build::event(&tenant.ad) });
        at += adstead_domain::report::BUCKET;
    }
    world.performance.record(tenant.account.id, build::batch(events)).await.expect("events can be recorded");
    let filter = ReportFilter { campaign_id: Some(tenant.campaign.id), ..ReportFilter::default() };
    let query = ReportQuery { range, zone, granularity, group_by: GroupBy::Platform, filter };
    let figures = world.analytics.report(tenant.account.id, &query, TestClock::START).await;
    let rows = figures.expect("figures can be read").rows;
    assert!(rows.iter().all(|row| row.key == "google"));
    rows.iter().map(|row| (row.period, row.metrics.impressions)).collect()
}

#[tokio::test]
async fn the_days_on_which_clocks_change_have_23_and_25_hours() {
    let spring = quarters_counted(date(2026, 3, 7), date(2026, 3, 9), Granularity::Day).await;
    let days = [(7, 96), (8, 92), (9, 96)].map(|(day, quarters)| (Period::Day(date(2026, 3, day)), quarters));
    assert_eq!(spring, days);
    let autumn = quarters_counted(date(2026, 10, 31), date(2026, 11, 2), Granularity::Day).await;
    let days = [(date(2026, 10, 31), 96), (date(2026, 11, 1), 100), (date(2026, 11, 2), 96)];
    assert_eq!(autumn, days.map(|(day, quarters)| (Period::Day(day), quarters)));
}

#[tokio::test]
async fn the_hour_that_is_shown_twice_is_two_hours() {
    let day = date(2026, 11, 1);
    let hours = quarters_counted(day, day, Granularity::Hour).await;
    assert_eq!(hours.len(), 25);
    assert!(hours.iter().all(|(_, quarters)| *quarters == 4));
    let first = "2026-11-01T04:00Z".parse::<jiff::Timestamp>().unwrap();
    let expected = (0..25).map(|hour| Period::Hour(first + jiff::SignedDuration::from_hours(hour)));
    assert!(hours.iter().map(|(period, _)| *period).eq(expected));
}
