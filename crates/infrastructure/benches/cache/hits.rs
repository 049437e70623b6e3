//! Hits in memory against moka, which holds them.

use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use adstead_infrastructure::cache::{Cache, CacheConfig, CacheManager};
use adstead_testkit::bench::{Bench, Row};
use moka::sync;
use tokio::runtime::Runtime;

use crate::value::{Ad, VALUE_BYTES, keys, options};

const KEYS: usize = 1_000;

/// Short rounds and many: what else the machine does falls on both sides alike.
pub(crate) const READS: usize = 20_000;
pub(crate) const ROUNDS: usize = 151;

const MAX_BYTES: u64 = 256 << 20;

pub(crate) fn get(runtime: &Runtime, bench: Bench) -> Row {
    let caches = Caches::new(runtime, RandomState::new());
    bench
        .compare_rounds(ROUNDS, || nanos_a_read(|| caches.get(runtime)), || nanos_a_read(|| caches.get_moka(runtime)))
        .with_note("an ad of 256 bytes with two tags; both give out an `Arc`, in a future on the main thread; moka as it comes")
}

pub(crate) fn get_hashed_alike(runtime: &Runtime, bench: Bench) -> Row {
    let caches = Caches::new(runtime, foldhash::fast::RandomState::default());
    bench
        .compare_rounds(
            ROUNDS,
            || nanos_a_read(|| caches.get(runtime)),
            || nanos_a_read(|| caches.get_moka(runtime)),
        )
        .with_note(
            "what we add to moka itself, given our hash: the time, a counter, whether something was invalidated, and 80 bytes that are copied",
        )
}

pub(crate) fn get_on_two_threads(runtime: &Runtime, bench: Bench) -> Row {
    let caches = Caches::new(runtime, RandomState::new());
    let twice = |reads: &(dyn Fn() + Sync)| {
        nanos_a_read(|| {
            std::thread::scope(|scope| {
                scope.spawn(reads);
                reads();
            });
        })
    };
    bench.compare_rounds(ROUNDS, || twice(&|| caches.get(runtime)), || twice(&|| caches.get_moka(runtime)))
}

pub(crate) fn get_or_load(runtime: &Runtime, bench: Bench) -> Row {
    let caches = Caches::new(runtime, RandomState::new());
    let ours = || {
        runtime.block_on(async {
            for key in caches.keys.iter().cycle().take(READS) {
                let load = || async { Ok::<_, Infallible>(Ad::new()) };
                black_box(caches.ours.get_or_load(key, load).await).expect("an infallible load");
            }
        });
    };
    let moka = || {
        for key in caches.keys.iter().cycle().take(READS) {
            black_box(caches.moka.get_with_by_ref(key.as_str(), Ad::shared));
        }
    };
    bench.compare_rounds(ROUNDS, || nanos_a_read(ours), || nanos_a_read(moka)).with_note(
        "a hit costs as in `cache.l1_hit`, and `get_with` is as quick as `get`: our faster hash makes up for most of what we add, not all",
    )
}

/// Both with the same keys and values.
pub(crate) struct Caches<S> {
    pub(crate) keys: Vec<String>,
    pub(crate) ours: Cache<Ad>,
    pub(crate) moka: sync::Cache<String, Arc<Ad>, S>,
}

impl<S: BuildHasher + Clone + Send + Sync + 'static> Caches<S> {
    pub(crate) fn new(runtime: &Runtime, hasher: S) -> Self {
        let (keys, ours) = filled(runtime);
        let builder = sync::Cache::builder().max_capacity(MAX_BYTES).weigher(|_, _| VALUE_BYTES);
        let moka = builder.build_with_hasher(hasher);
        keys.iter().for_each(|key| moka.insert(key.clone(), Ad::shared()));
        moka.run_pending_tasks();
        Self { keys, ours, moka }
    }

    pub(crate) fn get(&self, runtime: &Runtime) {
        read(runtime, &self.keys, &async |key: &str| self.ours.get(key).await);
    }

    pub(crate) fn get_moka(&self, runtime: &Runtime) {
        read(runtime, &self.keys, &async |key: &str| self.moka.get(key));
    }
}

/// A cache in memory, and the keys that are in it.
pub(crate) fn filled(runtime: &Runtime) -> (Vec<String>, Cache<Ad>) {
    let keys = keys(KEYS);
    let manager = CacheManager::new(&CacheConfig::in_memory(MAX_BYTES));
    let cache = manager.cache("ads", options()).expect("options in range");
    runtime.block_on(async {
        for key in &keys {
            cache.set(key, Ad::shared()).await.expect("an ad in bounds");
        }
    });
    let kept = manager.stats().caches[0].memory.map(|memory| memory.entries);
    assert_eq!(kept, Some(KEYS as u64), "the values should all be there");
    (keys, cache)
}

/// Reads each key in turn.
pub(crate) fn read<T>(runtime: &Runtime, keys: &[String], get: &impl AsyncFn(&str) -> Option<T>) {
    runtime.block_on(async {
        for key in keys.iter().cycle().take(READS) {
            black_box(get(key).await).expect("every key is there");
        }
    });
}

pub(crate) fn nanos_a_read(reads: impl FnOnce()) -> f64 {
    let start = Instant::now();
    reads();
    start.elapsed().as_nanos() as f64 / READS as f64
}
