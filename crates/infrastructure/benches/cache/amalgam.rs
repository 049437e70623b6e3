//! Hits against `amalgam-cache`, and how that is set up.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use adstead_testkit::bench::{Bench, Row};
use amalgam::provider::{PostcardSerializer, RedisDistributedCache};
use amalgam::{Cache, EntryOptions};
use tokio::runtime::Runtime;

use crate::hits::{READS, ROUNDS, filled, nanos_a_read, read};
use crate::redis::{micros_in_turns, with_redis};
use crate::redis_hits;
use crate::value::{Ad, TAGS};

pub(crate) fn get(runtime: &Runtime, bench: Bench) -> Row {
    let (keys, ours) = filled(runtime);
    let theirs = in_memory(runtime, &keys);
    bench.compare_rounds(
        ROUNDS,
        || nanos_a_read(|| read(runtime, &keys, &async |key: &str| ours.get(key).await)),
        || {
            nanos_a_read(|| {
                read(runtime, &keys, &async |key: &str| {
                    theirs.try_get(key).await.expect("a read that works")
                });
            })
        },
    )
}

pub(crate) fn get_or_load(runtime: &Runtime, bench: Bench) -> Row {
    let (keys, ours) = filled(runtime);
    let theirs = in_memory(runtime, &keys);
    let read_ours = || {
        runtime.block_on(async {
            for key in keys.iter().cycle().take(READS) {
                let load = || async { Ok::<_, Infallible>(Ad::new()) };
                black_box(ours.get_or_load(key, load).await).expect("an infallible load");
            }
        });
    };
    let read_theirs = || {
        runtime.block_on(async {
            for key in keys.iter().cycle().take(READS) {
                let load = |_| async { Ok::<_, Infallible>(Ad::shared()) };
                black_box(theirs.get_or_set(key.as_str(), load).await).expect("an infallible load");
            }
        });
    };
    bench.compare_rounds(ROUNDS, || nanos_a_read(read_ours), || nanos_a_read(read_theirs))
}

pub(crate) fn get_from_redis(runtime: &Runtime, bench: Bench) -> Row {
    with_redis(bench, |server| {
        let (keys, cache, _manager) = runtime.block_on(redis_hits::filled(server));
        let theirs = Arc::new(runtime.block_on(in_redis(&server.url(), &keys)));
        let their_keys = Arc::clone(&keys);
        let ours = move |call| redis_hits::get(cache.clone(), Arc::clone(&keys), call);
        let baseline = move |call| {
            let (theirs, keys) = (Arc::clone(&theirs), Arc::clone(&their_keys));
            async move {
                let found = theirs.try_get(&keys[call % keys.len()]).await.expect("Redis answers");
                assert!(found.is_some(), "every key is there");
            }
        };
        let (ours, baseline) = micros_in_turns(runtime, redis_hits::CALLS, ours, baseline);
        bench.row(ours, baseline).with_note("theirs over the crate `redis`, with tags, in postcard")
    })
}

/// In memory, with ads under these keys.
pub(crate) fn in_memory(runtime: &Runtime, keys: &[String]) -> Cache<Arc<Ad>> {
    runtime.block_on(async {
        let cache = Cache::builder().default_options(lasting()).try_build().expect("a cache");
        fill(&cache, keys).await;
        cache
    })
}

/// In Redis alone, with ads under these keys.
pub(crate) async fn in_redis(url: &str, keys: &[String]) -> Cache<Arc<Ad>> {
    let redis = RedisDistributedCache::connect(url).await.expect("Redis answers");
    let cache = Cache::builder()
        .distributed(Arc::new(redis))
        .serializer(Arc::new(PostcardSerializer))
        .default_options(lasting().with_skip_memory(true, true))
        .try_build()
        .expect("a cache");
    fill(&cache, keys).await;
    cache
}

fn lasting() -> EntryOptions {
    EntryOptions::new(Duration::from_secs(3600))
}

async fn fill(cache: &Cache<Arc<Ad>>, keys: &[String]) {
    for key in keys {
        cache.set(key.as_str(), Ad::shared()).tags(TAGS).await.expect("an ad in bounds");
    }
}
