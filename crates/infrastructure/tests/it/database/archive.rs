//! Figures that were harmed are mended from their events, and events expire, on each engine.

use std::sync::Arc;

use adstead_domain::port::Comparison;
use adstead_domain::report::{BUCKET, Granularity, GroupBy};
use adstead_domain::{Metrics, PerformanceEvent, ReportFilter, ReportQuery, TimeRange, Zone};
use adstead_infrastructure::database::{DatabaseError, DatabaseManager, Engine};
use adstead_testkit::contract::{Repositories, Tenant};
use adstead_testkit::{TestClock, build};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use sea_orm::ConnectionTrait;

use super::{Databases, repositories};

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn execute(database: &DatabaseManager, statement: &str) {
    database
        .transaction(async |tx| {
            tx.execute_unprepared(statement).await?;
            Ok::<_, DatabaseError>(())
        })
        .await
        .expect("a table can be written to");
}

/// Records events of the tenant's ad, three in each of this many buckets.
async fn happened(world: &Repositories, tenant: &Tenant, first: Timestamp, buckets: i32) {
    let mut events = Vec::new();
    for bucket in 0..buckets {
        for minute in 0..3 {
            let occurred_at = first + bucket * BUCKET + SignedDuration::from_mins(minute);
            events.push(PerformanceEvent { occurred_at, ..build::event(&tenant.ad) });
        }
    }
    world.performance.record(tenant.account.id, build::batch(events)).await.expect("events can be recorded");
}

fn everything() -> ReportQuery {
    ReportQuery {
        range: TimeRange::new(TestClock::START - 300 * DAY, TestClock::START + 30 * DAY).expect("a range"),
        zone: Zone::utc(),
        granularity: Granularity::Total,
        group_by: GroupBy::Account,
        filter: ReportFilter::default(),
    }
}

async fn figures(world: &Repositories, tenant: &Tenant) -> Metrics {
    let figures = world.analytics.report(tenant.account.id, &everything(), TestClock::START).await;
    figures.expect("figures can be read").rows.iter().map(|row| row.metrics).sum()
}

/// A wrong sum, a missing row and one too many.
async fn harm(database: &DatabaseManager, first: Timestamp) {
    let micros = |bucket: i32| (first + bucket * BUCKET).as_microsecond();
    let wrong = format!(
        "UPDATE performance_rollups SET spend_micros = 7, clicks = 9 WHERE bucket_start = {}",
        micros(0)
    );
    let missing = format!("DELETE FROM performance_rollups WHERE bucket_start = {}", micros(1));
    let stray = format!(
        "INSERT INTO performance_rollups SELECT account_id, ad_id, {}, 1, 2, 3, 4, 5 FROM performance_rollups \
         WHERE bucket_start = {}",
        micros(-1),
        micros(0)
    );
    for statement in [wrong, missing, stray] {
        execute(database, &statement).await;
    }
}

#[tokio::test]
async fn harmed_figures_are_mended_from_their_events() {
    for databases in Databases::on_each_engine() {
        let database = databases.migrated().await;
        let world = repositories(Arc::clone(&database));
        let (tenant, other) = (world.tenant().await, world.tenant().await);
        let account = tenant.account.id;
        happened(&world, &tenant, TestClock::START, 5).await;
        let sound = figures(&world, &tenant).await;
        harm(&database, TestClock::START).await;
        happened(&world, &other, TestClock::START - DAY, 2).await;
        assert_ne!(figures(&world, &tenant).await, sound);

        let found = Comparison { since: Timestamp::UNIX_EPOCH, buckets: 6, differing: 3 };
        let compared = world.archive.compare(account).await.expect("figures can be compared");
        assert_eq!(compared, found, "on {}", databases.label());
        assert_ne!(figures(&world, &tenant).await, sound, "a comparison changes nothing");
        assert_eq!(world.archive.mend(account).await.expect("figures can be mended"), found);
        assert_eq!(figures(&world, &tenant).await, sound, "on {}", databases.label());
        let equal = Comparison { buckets: 5, differing: 0, ..found };
        assert_eq!(world.archive.mend(account).await.expect("figures can be mended"), equal);
        assert_eq!(figures(&world, &other).await.impressions, 6);
    }
}

#[tokio::test]
async fn figures_whose_events_expired_are_left_as_they_are() {
    for databases in Databases::on_each_engine() {
        let database = databases.migrated().await;
        let world = repositories(Arc::clone(&database));
        let tenant = world.tenant().await;
        let old = TestClock::START - 200 * DAY;
        happened(&world, &tenant, old, 3).await;
        happened(&world, &tenant, TestClock::START, 3).await;
        let sound = figures(&world, &tenant).await;
        let since = TestClock::START - 100 * DAY;
        assert_eq!(world.archive.expire(since).await.expect("events can be deleted").events, 9);
        harm(&database, TestClock::START).await;
        let found = Comparison { since, buckets: 4, differing: 3 };
        let mended = world.archive.mend(tenant.account.id).await.expect("figures can be mended");
        assert_eq!(mended, found, "on {}", databases.label());
        assert_eq!(figures(&world, &tenant).await, sound, "on {}", databases.label());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn harmed_figures_are_mended_beside_those_who_record() {
    const ROUNDS: i32 = 10;
    for databases in Databases::on_each_engine() {
        let database = databases.migrated().await;
        let world = repositories(Arc::clone(&database));
        let tenant = world.tenant().await;
        happened(&world, &tenant, TestClock::START, 5).await;
        harm(&database, TestClock::START).await;
        let recorders = (0..4).map(|task| {
            let (world, tenant) = (world.clone(), tenant.clone());
            tokio::spawn(async move {
                for round in 0..ROUNDS {
                    happened(&world, &tenant, TestClock::START + (task + round) * BUCKET, 4).await;
                }
            })
        });
        let recorders: Vec<_> = recorders.collect();
        let account = tenant.account.id;
        let mut differing = Vec::new();
        for _ in 0..4 {
            differing.push(world.archive.mend(account).await.expect("figures can be mended").differing);
        }
        for outcome in join_all(recorders).await {
            outcome.expect("no recorder panics");
        }
        assert_eq!(differing, [3, 0, 0, 0], "on {}", databases.label());
        let compared = world.archive.compare(account).await.expect("figures can be compared");
        assert_eq!(compared.differing, 0, "on {}", databases.label());
        let recorded = 3 * (5 + 4 * 4 * ROUNDS.unsigned_abs());
        assert_eq!(
            figures(&world, &tenant).await.impressions,
            u64::from(recorded),
            "on {}",
            databases.label()
        );
    }
}

#[tokio::test]
async fn a_month_that_was_dropped_is_made_again_by_every_node() {
    for databases in Databases::on_each_engine().filter(|databases| databases.engine == Engine::Postgres) {
        let database = databases.migrated().await;
        let nodes = [repositories(Arc::clone(&database)), repositories(Arc::clone(&database))];
        let tenant = nodes[0].tenant().await;
        let old = TestClock::START - 200 * DAY;
        for node in &nodes {
            happened(node, &tenant, old, 1).await;
        }
        let expiring = nodes.iter().map(|node| node.archive.expire(TestClock::START));
        let expired =
            join_all(expiring).await.into_iter().map(|expired| expired.expect("months can be dropped"));
        assert_eq!(expired.map(|expired| expired.events).sum::<u64>(), 6);
        for node in &nodes {
            happened(node, &tenant, old, 1).await;
        }
        assert_eq!(figures(&nodes[0], &tenant).await.impressions, 12);
    }
}
