//! What a Redis that stands still costs those who do not need it.

use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};

use adstead_infrastructure::cache::{Cache, CacheConfig, CacheManager, RedisState};
use adstead_testkit::bench::{Bench, Row};
use tokio::runtime::Runtime;

use crate::redis::{node, with_redis};
use crate::value::{Ad, options};

const MAX_BYTES: u64 = 256 << 20;

/// Of five calls four are hits, and one is a miss: the slowest hundredth is made of misses.
const CALLS: usize = 5_000;
const MISS_EACH: usize = 5;
const KEYS: usize = 1_000;
const ROUNDS: usize = 101;

pub(crate) fn compare(runtime: &Runtime, bench: Bench) -> Row {
    with_redis(bench, |server| {
        let (manager, ours) = runtime.block_on(async {
            let manager = node(server, MAX_BYTES).await;
            let cache = manager.cache("ads", options()).expect("options in range");
            (manager, cache)
        });
        let alone = CacheManager::new(&CacheConfig::in_memory(MAX_BYTES));
        let alone = alone.cache("ads", options()).expect("options in range");
        server.pause().expect("a Redis of ours can be held");
        let opened = runtime.block_on(until_given_up(&manager, &ours));
        let (mut our_misses, mut their_misses) = (0.., 0..);
        let row = bench.compare_rounds(
            ROUNDS,
            || p99_micros(runtime, &ours, &mut our_misses),
            || p99_micros(runtime, &alone, &mut their_misses),
        );
        let is_down = manager.redis_state() == Some(RedisState::Down);
        assert!(is_down, "it should have been given up all the time");
        server.resume().expect("and let go again");
        row.with_note(format!(
            "held by SIGSTOP, and given up {} ms later; one call in {MISS_EACH} is a miss whose load ends at once",
            opened.as_millis()
        ))
    })
}

/// Asks until Redis is asked no more; how long that took.
async fn until_given_up(manager: &CacheManager, cache: &Cache<Ad>) -> Duration {
    let start = Instant::now();
    for n in 0.. {
        if manager.redis_state() == Some(RedisState::Down) {
            break;
        }
        load(cache, &format!("outage:{n}")).await;
    }
    start.elapsed()
}

fn p99_micros(runtime: &Runtime, cache: &Cache<Ad>, misses: &mut impl Iterator<Item = u64>) -> f64 {
    let keys: Vec<_> = (0..CALLS)
        .map(|n| match n % MISS_EACH {
            0 => format!("new:{}", misses.next().expect("there is always another")),
            _ => format!("kept:{}", n % KEYS),
        })
        .collect();
    let cache = cache.clone();
    let calls = async move {
        let mut micros = Vec::with_capacity(CALLS);
        for key in &keys {
            let start = Instant::now();
            load(&cache, key).await;
            micros.push(start.elapsed().as_nanos() as f64 / 1e3);
        }
        micros.sort_by(f64::total_cmp);
        micros[CALLS * 99 / 100]
    };
    runtime.block_on(async { tokio::spawn(calls).await.expect("the calls end") })
}

async fn load(cache: &Cache<Ad>, key: &str) {
    let load = || async { Ok::<_, Infallible>(Ad::new()) };
    black_box(cache.get_or_load(key, load).await).expect("an infallible load");
}
