//! A report over a hundred times as many events.

use std::time::Instant;

use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{AccountId, AdId, ReportFilter, ReportQuery, TimeRange};
use adstead_testkit::bench::{Bench, Better, Row};
use adstead_testkit::{Traffic, build};
use jiff::SignedDuration;
use tokio::runtime::Runtime;

use crate::site::{Database, START, Site};

const FEW: usize = 100_000;
const MANY: usize = 10_000_000;
const DAYS: i64 = 30;
const ADS: usize = 10;
const BATCH: usize = 5_000;
const READS: u32 = 20;

pub(crate) fn bench(name: &'static str) -> Bench {
    Bench {
        name,
        unit: "ms",
        baseline_name: "the same over 100 thousand events",
        target: 1.5,
        better: Better::Lower,
    }
}

pub(crate) fn compare(runtime: &Runtime, site: &Site, bench: Bench) -> Row {
    let (many, few) = runtime.block_on(async { (site.database().await, site.database().await) });
    let many_of = runtime.block_on(load(&many, MANY));
    let few_of = runtime.block_on(load(&few, FEW));
    let note = "the same 30 days, by day and campaign, of an account with the same 10 ads; the events of both were spread \
                evenly over the days and stored through PerformanceRepository::record";
    bench.compare(|| report(runtime, &many, many_of), || report(runtime, &few, few_of)).with_note(note)
}

/// Stores so many events, spread over the days and the ads.
async fn load(database: &Database, events: usize) -> AccountId {
    let tenant = database.tenant().await;
    let ads: Vec<AdId> = database.ads(&tenant, ADS).await.into_iter().map(|ad| ad.id).collect();
    let span = SignedDuration::from_hours(24 * DAYS);
    let step = SignedDuration::from_micros(
        i64::try_from(span.as_micros()).expect("a month") / i64::try_from(events).expect("a number") - 1,
    );
    let account = tenant.account.id;
    let mut traffic = Traffic::of(ads, START, step);
    let performance = database.repositories.performance();
    for _ in 0..events / BATCH {
        performance.record(account, build::batch(traffic.events(BATCH))).await.expect("events");
    }
    database.raw.analyze().await;
    account
}

fn report(runtime: &Runtime, database: &Database, account: AccountId) -> f64 {
    let query = ReportQuery {
        range: TimeRange::new(START, START + SignedDuration::from_hours(24 * DAYS)).expect("30 days"),
        zone: build::parsed("Europe/Lisbon"),
        granularity: Granularity::Day,
        group_by: GroupBy::Campaign,
        filter: ReportFilter::default(),
    };
    let analytics = database.repositories.analytics();
    let start = Instant::now();
    for _ in 0..READS {
        let rows = runtime.block_on(analytics.report(account, &query)).expect("a report");
        assert!((30..=31).contains(&rows.len()), "{} rows", rows.len());
    }
    start.elapsed().as_secs_f64() * 1_000.0 / f64::from(READS)
}
