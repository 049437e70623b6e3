//! Events that are durable and counted once, against rows that are only written.

use std::time::Instant;

use adstead_testkit::bench::{Bench, Better, FEW_ROUNDS, Row};
use adstead_testkit::{Traffic, build};
use tokio::runtime::Runtime;

use crate::site::{START, Site};

/// Events of one call, which is one transaction: as many as the API takes at a time.
const BATCH: usize = 5_000;

/// Batches of one round.
const BATCHES: usize = 8;

pub(crate) fn bench(name: &'static str, baseline_name: &'static str) -> Bench {
    Bench { name, unit: "events/s", baseline_name, target: 0.5, better: Better::Higher }
}

pub(crate) fn compare(runtime: &Runtime, site: &Site, bench: Bench) -> Row {
    let (database, other) = runtime.block_on(async { (site.database().await, site.database().await) });
    let account = runtime.block_on(database.tenant()).account.id;
    let (mut traffic, mut other_traffic) = (Traffic::busy(START), Traffic::busy(START));
    // The other database gets its partition, where there are partitions, from us.
    let first = build::batch(other_traffic.events(BATCH));
    runtime.block_on(other.repositories.performance().record(account, first)).expect("events");

    let performance = database.repositories.performance();
    let ours = || {
        let batches: Vec<_> = (0..BATCHES).map(|_| build::batch(traffic.events(BATCH))).collect();
        let start = Instant::now();
        runtime.block_on(async {
            for batch in batches {
                let recorded = performance.record(account, batch).await.expect("events");
                assert_eq!((recorded.counted, recorded.duplicates), (BATCH, 0));
            }
        });
        per_second(start)
    };
    let baseline = || {
        let batches: Vec<_> = (0..BATCHES).map(|_| other_traffic.events(BATCH)).collect();
        let start = Instant::now();
        runtime.block_on(async {
            for events in &batches {
                other.raw.write(account, START, events).await;
            }
        });
        per_second(start)
    };
    let note = "transactions of 5,000 events, which wait for the disk; ours also tells what was counted before and adds \
                to the roll-ups, the baseline writes rows";
    bench.compare_rounds(FEW_ROUNDS, ours, baseline).with_note(note)
}

fn per_second(start: Instant) -> f64 {
    (BATCH * BATCHES) as f64 / start.elapsed().as_secs_f64()
}
