//! A report over a hundred times as many events.

use std::time::Instant;

use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{AccountId, AdId, ReportFilter, ReportQuery, TimeRange};
use adstead_testkit::bench::{Bench, Better, Row};
use adstead_testkit::{Traffic, build};
use jiff::SignedDuration;
use sqlx::{AssertSqlSafe, Executor};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::raw::Raw;
use crate::site::{Database, START, Site};

const FEW: usize = 100_000;
const MANY: usize = 10_000_000;
const DAYS: i64 = 30;
const ADS: usize = 10;
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
    let note = "the same 30 days, by day and campaign, of an account with the same 10 ads; the events of both are spread \
                evenly over the days; raw rows and roll-ups were written by SQL, as ingestion would have, since ten million \
                take minutes otherwise";
    bench.compare(|| report(runtime, &many, many_of), || report(runtime, &few, few_of)).with_note(note)
}

/// Stores so many events, spread over the days and the ads.
async fn load(database: &Database, events: usize) -> AccountId {
    let tenant = database.tenant().await;
    let ads: Vec<AdId> = database.ads(&tenant, ADS).await.into_iter().map(|ad| ad.id).collect();
    let account = tenant.account.id;
    // Ingestion makes the partitions, where there are partitions.
    let mut ends = Traffic::of(ads.clone(), START, SignedDuration::from_hours(24 * DAYS - 1)).events(1);
    ends.extend(Traffic::of(ads.clone(), START, SignedDuration::from_millis(1)).events(1));
    database.repositories.performance().record(account, build::batch(ends)).await.expect("events");
    database.raw.fill(account, &ads, events).await;
    database.raw.analyze().await;
    account
}

impl Raw {
    /// Writes `events` impressions, evenly over the days and `ads`, and what they add up to.
    async fn fill(&self, account: AccountId, ads: &[AdId], events: usize) {
        let micros = 24 * DAYS * 3_600_000_000;
        let (start, step) = (START.as_microsecond(), micros / i64::try_from(events).expect("a number"));
        let (numbers, id, of_hex) = match self {
            Self::Sqlite(_) => {
                let numbers = format!(
                    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {events})"
                );
                (numbers, "unhex(printf('%032x', n))", "unhex")
            }
            Self::Postgres(_) => (
                format!(
                    "WITH numbers AS (SELECT n FROM generate_series(1, {events}::bigint) AS numbers (n))"
                ),
                "lpad(to_hex(n), 32, '0')::uuid",
                "uuid",
            ),
            Self::MariaDb(_) => unreachable!("no report is compared there"),
        };
        let hex = |id: Uuid| format!("{of_hex}('{}')", id.simple());
        let arms = ads.iter().enumerate().map(|(at, ad)| format!("WHEN {at} THEN {}", hex(ad.uuid())));
        let (account, ad, count) = (hex(account.uuid()), arms.collect::<Vec<_>>().join(" "), ads.len());
        self.execute(format!(
            "{numbers} INSERT INTO performance_events (account_id, id, kind, ad_id, occurred_at, received_at, \
             cost_micros, revenue_micros) SELECT {account}, {id}, 'impression', CASE n % {count} {ad} END, \
             {start} + (n - 1) * {step}, {start}, 2000, 0 FROM numbers"
        ))
        .await;
        self.execute(format!(
            "INSERT INTO performance_rollups SELECT account_id, ad_id, occurred_at - occurred_at % 900000000 AS bucket, \
             count(*), 0, 0, count(*) * 2000, 0 FROM performance_events WHERE id < {} \
             GROUP BY account_id, ad_id, bucket ON CONFLICT (account_id, ad_id, bucket_start) DO UPDATE SET \
             impressions = excluded.impressions",
            hex(Uuid::from_u128(u128::from(u64::MAX)))
        ))
        .await;
    }

    async fn execute(&self, sql: String) {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(pool) => drop(pool.execute(sql).await.expect("rows")),
            Self::Postgres(pool) => drop(pool.execute(sql).await.expect("rows")),
            Self::MariaDb(pool) => drop(pool.execute(sql).await.expect("rows")),
        }
    }
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
        let figures = runtime.block_on(analytics.report(account, &query, START)).expect("a report");
        let rows = figures.rows;
        assert!((30..=31).contains(&rows.len()), "{} rows", rows.len());
    }
    start.elapsed().as_secs_f64() * 1_000.0 / f64::from(READS)
}
