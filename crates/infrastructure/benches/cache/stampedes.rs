//! The loads that 1,000 tasks run who miss the same key at once.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_infrastructure::cache::{CacheConfig, CacheManager};
use adstead_testkit::bench::{Bench, Row};
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

use crate::amalgam;
use crate::value::{Ad, options};

const READERS: usize = 1_000;

/// Counts the loads, which take long enough for all to miss.
#[derive(Clone, Default)]
struct Origin(Arc<AtomicU64>);

pub(crate) fn compare(runtime: &Runtime, bench: Bench) -> Row {
    bench.row(ours(runtime), 1.0)
}

pub(crate) fn compare_with_amalgam(runtime: &Runtime, bench: Bench) -> Row {
    let cache = Arc::new(amalgam::in_memory(runtime, &[]));
    let theirs = loads(runtime, |origin| {
        let cache = Arc::clone(&cache);
        async move {
            let load = |_| async move { Ok::<_, Infallible>(Arc::new(origin.load().await)) };
            cache.get_or_set("hot", load).await.expect("an infallible load");
        }
    });
    bench.row(ours(runtime), theirs)
}

fn ours(runtime: &Runtime) -> f64 {
    let manager = CacheManager::new(&CacheConfig::in_memory(1 << 20));
    let cache = manager.cache("ads", options::<Ad>()).expect("options in range");
    loads(runtime, |origin| {
        let cache = cache.clone();
        async move {
            let load = || async move { Ok::<_, Infallible>(origin.load().await) };
            cache.get_or_load("hot", load).await.expect("an infallible load");
        }
    })
}

/// The loads that readers run who all come at once.
fn loads<Read>(runtime: &Runtime, read: impl Fn(Origin) -> Read) -> f64
where
    Read: Future<Output = ()> + Send + 'static,
{
    let (origin, start) = (Origin::default(), Arc::new(Barrier::new(READERS)));
    runtime.block_on(async {
        let readers = (0..READERS).map(|_| {
            let (start, read) = (Arc::clone(&start), read(origin.clone()));
            tokio::spawn(async move {
                start.wait().await;
                read.await;
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.expect("a reader ends");
        }
    });
    origin.0.load(Ordering::Relaxed) as f64
}

impl Origin {
    async fn load(&self) -> Ad {
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ad::new()
    }
}
