//! What a hit in memory allocates.

use std::hash::RandomState;
use std::hint::black_box;

use adstead_testkit::bench::{Bench, Row};
use tokio::runtime::Runtime;

use crate::hits::Caches;

/// Reads of a batch: fewer than moka lets pass between two rounds of its own upkeep, which allocates.
const READS: usize = 32;
const BATCHES: usize = 1_000;

pub(crate) fn compare(runtime: &Runtime, bench: Bench) -> Row {
    let caches = Caches::new(runtime, RandomState::new());
    let moka = fewest(runtime, &async |key: &str| drop(black_box(caches.moka.get(key))), &caches.keys);
    let ours = fewest(runtime, &async |key: &str| drop(black_box(caches.ours.get(key).await)), &caches.keys);
    bench.row(ours, 1.0).with_note(format!(
        "the least of {BATCHES} batches of {READS} reads, since moka allocates now and then for its own upkeep; moka alone: {moka}"
    ))
}

/// The fewest allocations a read, of many batches.
fn fewest(runtime: &Runtime, read: &impl AsyncFn(&str), keys: &[String]) -> f64 {
    let batch = |batch: usize| {
        let keys = keys.iter().cycle().skip(batch * READS % keys.len()).take(READS);
        let reads = async {
            for key in keys {
                read(key).await;
            }
        };
        allocation_counter::measure(|| runtime.block_on(reads)).count_total
    };
    let fewest = (0..BATCHES).map(batch).min().expect("there are batches");
    fewest as f64 / READS as f64
}
