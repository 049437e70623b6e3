//! The cache against what it is built on: `cargo bench -p adstead-infrastructure --bench cache [-- --json]`.

use std::alloc::System;
use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use adstead_infrastructure::cache::{CacheConfig, CacheManager, EntryOptions};
use adstead_testkit::bench::{Bench, Better, Row, print};
use moka::sync::Cache;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const KEYS: usize = 1_000;
const READS: usize = 200_000;
const MAX_BYTES: u64 = 256 << 20;

type Value = [u8; 256];

fn main() {
    let runtime = Builder::new_multi_thread().build().expect("a runtime for the benchmark");
    let bench = CacheBench::new(&runtime);
    print(&[bench.hit(), bench.hit_allocations(), bench.get_or_load_hit(), stampede(&runtime)]);
}

/// Both caches with the same keys and values.
struct CacheBench<'a> {
    runtime: &'a Runtime,
    keys: Vec<String>,
    options: EntryOptions<Value>,
    ours: CacheManager,
    moka: Cache<String, Arc<Value>>,
}

impl<'a> CacheBench<'a> {
    fn new(runtime: &'a Runtime) -> Self {
        let keys = (0..KEYS).map(|n| format!("ads:0199-7f2c-4d1e:{n:08}")).collect::<Vec<_>>();
        let options = EntryOptions::new(Duration::from_secs(3600))
            .tag("account:7")
            .tag("campaign:42")
            .weighing(|_| 256);
        let ours = CacheManager::new(&CacheConfig { enabled: true, max_bytes: MAX_BYTES });
        let moka = Cache::builder().max_capacity(MAX_BYTES).weigher(|_, _| 256).build();
        for key in &keys {
            let value: Arc<Value> = Arc::new([7; 256]);
            runtime.block_on(ours.set(key, Arc::clone(&value), &options));
            moka.insert(key.clone(), value);
        }
        moka.run_pending_tasks();
        assert_eq!(ours.stats().entries, KEYS as u64, "the values should all be there");
        Self { runtime, keys, options, ours, moka }
    }

    fn hit(&self) -> Row {
        let bench = Bench {
            name: "cache.l1_hit",
            unit: "ns/op",
            baseline_name: "moka get",
            target: 1.15,
            better: Better::Lower,
        };
        bench.compare(|| nanos_per_read(|| self.read_ours()), || nanos_per_read(|| self.read_moka()))
    }

    /// What a hit of ours allocates beyond what moka does for its own upkeep: a block each hundred-odd reads, with or
    /// without us.
    fn hit_allocations(&self) -> Row {
        let bench = Bench {
            name: "cache.l1_hit_allocs",
            unit: "allocations/op beyond the baseline's",
            baseline_name: "moka get",
            target: 0.0,
            better: Better::Lower,
        };
        let moka = allocations_per_read(|| self.read_moka());
        let ours = allocations_per_read(|| self.read_ours());
        bench.row((ours - moka).max(0.0), moka)
    }

    fn get_or_load_hit(&self) -> Row {
        let bench = Bench {
            name: "cache.get_or_load_hit",
            unit: "ns/op",
            baseline_name: "moka get_with",
            target: 1.0,
            better: Better::Lower,
        };
        let ours = || {
            self.runtime.block_on(async {
                for key in self.keys.iter().cycle().take(READS) {
                    let load = async { Ok::<Value, Infallible>([7; 256]) };
                    black_box(self.ours.get_or_load(key, &self.options, load).await)
                        .expect("an infallible load");
                }
            });
        };
        let moka = || {
            for key in self.keys.iter().cycle().take(READS) {
                black_box(self.moka.get_with_by_ref(key, || Arc::new([7; 256])));
            }
        };
        bench.compare(|| nanos_per_read(ours), || nanos_per_read(moka))
    }

    fn read_ours(&self) {
        self.runtime.block_on(async {
            for key in self.keys.iter().cycle().take(READS) {
                black_box(self.ours.get::<Value>(key).await).expect("every key is there");
            }
        });
    }

    fn read_moka(&self) {
        self.runtime.block_on(async {
            for key in self.keys.iter().cycle().take(READS) {
                black_box(self.moka.get(key.as_str())).expect("every key is there");
            }
        });
    }
}

/// The loads that 1,000 tasks run who miss the same key at once.
fn stampede(runtime: &Runtime) -> Row {
    let bench = Bench {
        name: "cache.stampede_1000",
        unit: "loads",
        baseline_name: "one load",
        target: 1.0,
        better: Better::Lower,
    };
    let cache = Arc::new(CacheManager::new(&CacheConfig { enabled: true, max_bytes: MAX_BYTES }));
    let loads = Arc::new(AtomicU64::new(0));
    runtime.block_on(async {
        let readers = (0..1_000).map(|_| {
            let (cache, loads) = (Arc::clone(&cache), Arc::clone(&loads));
            tokio::spawn(async move {
                let load = async {
                    loads.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    Ok::<u64, Infallible>(7)
                };
                cache.get_or_load("hot", &EntryOptions::new(Duration::from_secs(60)), load).await
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.expect("a reader ends").expect("an infallible load");
        }
    });
    bench.row(loads.load(Ordering::Relaxed) as f64, 1.0)
}

fn allocations_per_read(reads: impl Fn()) -> f64 {
    reads();
    let region = Region::new(ALLOCATOR);
    reads();
    let change = region.change();
    (change.allocations + change.reallocations) as f64 / READS as f64
}

fn nanos_per_read(reads: impl FnOnce()) -> f64 {
    let start = Instant::now();
    reads();
    start.elapsed().as_nanos() as f64 / READS as f64
}
