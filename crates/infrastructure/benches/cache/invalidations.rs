//! What an invalidation costs where much is kept.

use std::sync::Arc;
use std::time::Instant;

use adstead_backends::{Backend, Server, started};
use adstead_infrastructure::cache::{CacheConfig, CacheManager};
use adstead_testkit::bench::{Bench, Row};
use tokio::runtime::Runtime;

use crate::amalgam;
use crate::redis::node;
use crate::value::{Ad, TAGS, keys, options};

const FEW: usize = 1_000;
const MANY: usize = 1_000_000;

/// Enough for all of them.
const MAX_BYTES: u64 = 4 << 30;

const CALLS: u32 = 1_000;
const CALLS_TO_REDIS: u32 = 100;
const ROUNDS: usize = 101;

pub(crate) fn in_memory(runtime: &Runtime, bench: Bench) -> Row {
    let [many, few] = [MANY, FEW].map(|count| {
        let manager = CacheManager::new(&CacheConfig::in_memory(MAX_BYTES));
        runtime.block_on(fill(&manager, count));
        manager
    });
    bench
        .compare_rounds(ROUNDS, || nanos_a_call(runtime, &many, CALLS), || nanos_a_call(runtime, &few, CALLS))
        .with_note(
            "both tags of every key, in turns, in memory only; after each, nothing that is kept is served",
        )
}

pub(crate) fn with_redis(runtime: &Runtime, bench: Bench) -> Row {
    let Some(servers) = started(Backend::Redis).zip(started(Backend::Redis)) else {
        return bench.missing("not measured: this machine has no Redis");
    };
    let many = runtime.block_on(filled_node(&servers.0, MANY));
    let few = runtime.block_on(filled_node(&servers.1, FEW));
    let micros = |manager: &CacheManager| nanos_a_call(runtime, manager, CALLS_TO_REDIS) / 1e3;
    bench
        .compare_rounds(ROUNDS, || micros(&many), || micros(&few))
        .with_note("the same with as many keys in memory and in a Redis of its own, waiting for its answer")
}

pub(crate) fn against_amalgam(runtime: &Runtime, bench: Bench) -> Row {
    let ours = CacheManager::new(&CacheConfig::in_memory(MAX_BYTES));
    runtime.block_on(fill(&ours, MANY));
    let theirs = amalgam::in_memory(runtime, &keys(MANY));
    let theirs = || {
        runtime.block_on(async {
            let start = Instant::now();
            for tag in TAGS.into_iter().cycle().take(CALLS as usize) {
                theirs.remove_by_tag(tag).await.expect("a tag in bounds");
            }
            start.elapsed().as_nanos() as f64 / f64::from(CALLS)
        })
    };
    bench
        .compare_rounds(ROUNDS, || nanos_a_call(runtime, &ours, CALLS), theirs)
        .with_note("both with 1,000,000 keys, in memory only")
}

/// A node with so many keys in memory and in Redis.
async fn filled_node(server: &Server, count: usize) -> CacheManager {
    let manager = node(server, MAX_BYTES).await;
    fill(&manager, count).await;
    manager
}

async fn fill(manager: &CacheManager, count: usize) {
    let cache = manager.cache("ads", options()).expect("options in range");
    let ad = Ad::shared();
    for some in keys(count).chunks(10_000) {
        let some = some.iter().map(|key| (key.clone(), Arc::clone(&ad)));
        cache.set_many(some).await.expect("ads in bounds");
    }
    let kept = manager.stats().caches[0].memory.map_or(0, |memory| memory.entries);
    // Memory forgets keys that are written at the same time and share a stripe of `Writes`, by chance; Redis has them all.
    assert!(kept >= count as u64 * 9 / 10, "{kept} of {count} values are there");
}

fn nanos_a_call(runtime: &Runtime, manager: &CacheManager, calls: u32) -> f64 {
    runtime.block_on(async {
        let start = Instant::now();
        for tag in TAGS.into_iter().cycle().take(calls as usize) {
            manager.invalidate_tag(tag).await.expect("a tag in bounds");
        }
        start.elapsed().as_nanos() as f64 / f64::from(calls)
    })
}
