//! How events are stored in bulk, against how sea-orm stores many models.

use std::time::Instant;

use adstead_domain::{AccountId, Country, Device, PerformanceEvent, Placement};
use adstead_infrastructure::database::DatabaseError;
use adstead_testkit::bench::{Bench, Better, Row};
use adstead_testkit::{Traffic, build};
use sea_orm::{EntityTrait, IntoActiveModel};
use tokio::runtime::Runtime;

use crate::site::{Database, START, Site};

const BATCH: usize = 1_000;
const BATCHES: usize = 10;

pub(crate) fn bench(name: &'static str) -> Bench {
    Bench { name, unit: "rows/s", baseline_name: "sea-orm insert_many", target: 2.0, better: Better::Higher }
}

pub(crate) fn compare(runtime: &Runtime, site: &Site, bench: Bench) -> Row {
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
                insert(&other, account, events).await;
            }
        });
        per_second(start)
    };
    let note = "transactions of 1,000 performance events, on a server that waits for no disk (SQLite does); ours is PerformanceRepository::record, which also tells what \
                was counted before and adds to the roll-ups, the baseline inserts models";
    bench.compare(ours, baseline).with_note(note)
}

fn per_second(start: Instant) -> f64 {
    (BATCH * BATCHES) as f64 / start.elapsed().as_secs_f64()
}

/// What sea-orm offers; SQLite takes no more than 32,766 variables, which these are below.
async fn insert(database: &Database, account: AccountId, events: &[PerformanceEvent]) {
    let inserted = database.manager.transaction(async |tx| {
        let rows = events.iter().map(|event| model(account, event).into_active_model());
        row::Entity::insert_many(rows).exec_without_returning(tx).await?;
        Ok::<_, DatabaseError>(())
    });
    inserted.await.expect("rows");
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
