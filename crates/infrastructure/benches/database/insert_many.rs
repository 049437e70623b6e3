//! How events are stored in bulk, against how sea-orm stores many models.

use std::collections::BTreeMap;
use std::time::Instant;

use adstead_domain::report::bucket_start;
use adstead_domain::{AccountId, Country, Device, Metrics, PerformanceEvent, Placement};
use adstead_infrastructure::database::DatabaseError;
use adstead_testkit::bench::{Bench, Better, Row};
use adstead_testkit::{Traffic, build};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict};
use sea_orm::{EntityTrait, IntoActiveModel};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::site::{Database, START, Site};

const BATCH: usize = 1_000;
const BATCHES: usize = 10;

/// What sea-orm is to do with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Duty {
    /// Store it, each event once, and add it to the roll-ups, as ours does.
    Count,
    /// Only store it.
    Store,
}

pub(crate) fn bench(name: &'static str) -> Bench {
    Bench { name, unit: "rows/s", baseline_name: "sea-orm insert_many", target: 2.0, better: Better::Higher }
}

/// Both sides count.
pub(crate) fn compare(runtime: &Runtime, site: &Site, bench: Bench) -> Row {
    let note = "transactions of 1,000 performance events, on a server that waits for no disk (SQLite does); both sides count: \
                ours is PerformanceRepository::record, the baseline inserts models with ON CONFLICT DO NOTHING and adds sums \
                made in the process to the roll-ups, and would not notice an id that comes again with another time";
    measured(runtime, site, bench, Duty::Count).with_note(note)
}

/// Ours counts, sea-orm only stores.
pub(crate) fn compare_bare(runtime: &Runtime, site: &Site, bench: Bench) -> Row {
    let note = "as above, but the baseline only inserts models, while ours also tells what was counted before and adds to the \
                roll-ups. Most of the time of both is the engine's, for the rows and their key: on PostgreSQL 1,000 rows take \
                its process about 3.3 ms by UNNEST and 3.7 ms by COPY, the look-up of their ids 1.3 ms, the roll-ups 0.7 ms";
    measured(runtime, site, bench, Duty::Store).with_note(note)
}

fn measured(runtime: &Runtime, site: &Site, bench: Bench, duty: Duty) -> Row {
    let Some(site) = runtime.block_on(Site::hasty(site.engine())) else {
        return bench.missing("not measured: a second server did not start");
    };
    let (database, other) = runtime.block_on(async { (site.database().await, site.database().await) });
    let account = runtime.block_on(database.tenant()).account.id;
    let (mut traffic, mut other_traffic) = (Traffic::busy(START), Traffic::busy(START));
    let first = build::batch(other_traffic.events(BATCH));
    runtime.block_on(other.repositories.performance().record(account, first)).expect("events");

    let performance = database.repositories.performance();
    let ours = || {
        let batches: Vec<_> = (0..BATCHES).map(|_| build::batch(traffic.events(BATCH))).collect();
        let start = Instant::now();
        runtime.block_on(async {
            for batch in batches {
                performance.record(account, batch).await.expect("events");
            }
        });
        per_second(start)
    };
    let baseline = || {
        let batches: Vec<_> = (0..BATCHES).map(|_| other_traffic.events(BATCH)).collect();
        let start = Instant::now();
        runtime.block_on(async {
            for events in &batches {
                insert(&other, account, events, duty).await;
            }
        });
        per_second(start)
    };
    bench.compare(ours, baseline)
}

fn per_second(start: Instant) -> f64 {
    (BATCH * BATCHES) as f64 / start.elapsed().as_secs_f64()
}

/// What sea-orm offers; SQLite takes no more than 32,766 variables, which these are below.
async fn insert(database: &Database, account: AccountId, events: &[PerformanceEvent], duty: Duty) {
    let inserted = database.manager.transaction(async |tx| {
        let mut rows =
            row::Entity::insert_many(events.iter().map(|event| model(account, event).into_active_model()));
        if duty == Duty::Count {
            rows = rows.on_conflict(OnConflict::new().do_nothing().to_owned());
        }
        let inserted = rows.exec_without_returning(tx).await?;
        if duty == Duty::Count {
            let sums = sums(account, events).into_iter().map(IntoActiveModel::into_active_model);
            rollup::Entity::insert_many(sums).on_conflict(adding()).exec_without_returning(tx).await?;
        }
        Ok::<_, DatabaseError>(inserted)
    });
    assert_eq!(inserted.await.expect("rows"), events.len() as u64);
}

/// What the events of each ad and bucket add up to.
fn sums(account: AccountId, events: &[PerformanceEvent]) -> Vec<rollup::Model> {
    let mut sums: BTreeMap<(Uuid, i64), Metrics> = BTreeMap::new();
    for event in events {
        let bucket = bucket_start(event.occurred_at).as_microsecond();
        *sums.entry((event.ad_id.uuid(), bucket)).or_default() += Metrics::of(event);
    }
    let model = |((ad_id, bucket_start), sum): ((Uuid, i64), Metrics)| rollup::Model {
        account_id: account.uuid(),
        ad_id,
        bucket_start,
        impressions: sum.impressions.cast_signed(),
        clicks: sum.clicks.cast_signed(),
        conversions: sum.conversions.cast_signed(),
        spend_micros: sum.spend_micros,
        revenue_micros: sum.revenue_micros,
    };
    sums.into_iter().map(model).collect()
}

fn adding() -> OnConflict {
    use rollup::{Column, Entity};
    let figures = [
        Column::Impressions,
        Column::Clicks,
        Column::Conversions,
        Column::SpendMicros,
        Column::RevenueMicros,
    ];
    let added = figures.map(|column| {
        let offered = Expr::col((Alias::new("excluded"), column));
        (column, Expr::col((Entity, column)).add(offered))
    });
    OnConflict::columns([Column::AccountId, Column::AdId, Column::BucketStart]).values(added).to_owned()
}

fn model(account: AccountId, event: &PerformanceEvent) -> row::Model {
    row::Model {
        account_id: account.uuid(),
        id: event.id.uuid(),
        kind: event.kind.as_str().to_owned(),
        ad_id: event.ad_id.uuid(),
        occurred_at: event.occurred_at.as_microsecond(),
        received_at: START.as_microsecond(),
        cost_micros: event.cost_micros,
        revenue_micros: event.revenue_micros,
        country: event.country.as_ref().map(Country::as_str).map(str::to_owned),
        device: event.device.map(Device::as_str).map(str::to_owned),
        placement: event.placement.as_ref().map(Placement::as_str).map(str::to_owned),
    }
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "performance_events")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub ad_id: Uuid,
        pub occurred_at: i64,
        pub received_at: i64,
        pub cost_micros: i64,
        pub revenue_micros: i64,
        pub country: Option<String>,
        pub device: Option<String>,
        pub placement: Option<String>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod rollup {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "performance_rollups")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ad_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bucket_start: i64,
        pub impressions: i64,
        pub clicks: i64,
        pub conversions: i64,
        pub spend_micros: i64,
        pub revenue_micros: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
