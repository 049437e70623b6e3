//! How soon the memory of another node has dropped a key.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adstead_backends::Server;
use adstead_infrastructure::cache::{Cache, CacheManager, Levels};
use adstead_testkit::bench::{Bench, Row};
use fred::clients::SubscriberClient;
use fred::prelude::*;
use tokio::runtime::Runtime;
use tokio::task::yield_now;

use crate::redis::{builder, micros_in_turns, node, pool, with_redis};
use crate::value::{Ad, keys, options};

const MAX_BYTES: u64 = 64 << 20;
const CALLS: usize = 5_000;

pub(crate) fn compare(runtime: &Runtime, bench: Bench) -> Row {
    with_redis(bench, |server| {
        let keys: Arc<[String]> = keys(CALLS).into();
        let (ours, theirs, _nodes) = runtime.block_on(filled(server, &keys));
        let (raw, heard, _subscriber) = runtime.block_on(listened_to(server));
        let delete = move |call: usize| {
            let (ours, theirs, keys) = (ours.clone(), theirs.clone(), Arc::clone(&keys));
            async move {
                ours.delete(&keys[call]).await;
                while theirs.get(&keys[call]).await.is_some() {
                    yield_now().await;
                }
            }
        };
        let publish = move |call| {
            let (raw, heard) = (raw.clone(), Arc::clone(&heard));
            async move {
                let () =
                    raw.next().publish("bare", "keys 0123456789abcdef\nads:1").await.expect("Redis answers");
                while heard.load(Ordering::Acquire) <= call as u64 {
                    yield_now().await;
                }
            }
        };
        let (ours, baseline) = micros_in_turns(runtime, CALLS, delete, publish);
        bench.row(ours, baseline).with_note(
            "from the call of `delete` on one node until the memory of the other has the key no more, both in one process; ours is a \
             script, which also writes into Redis that the key was deleted",
        )
    })
}

/// One node to delete on, the memory of another that has all keys, and both of them.
async fn filled(server: &Server, keys: &[String]) -> (Cache<Ad>, Cache<Ad>, [CacheManager; 2]) {
    let nodes = [node(server, MAX_BYTES).await, node(server, MAX_BYTES).await];
    let [ours, theirs] = [0, 1].map(|n| nodes[n].cache("ads", options::<Ad>()).expect("options in range"));
    for key in keys {
        ours.set(key, Ad::shared()).await.expect("an ad in bounds");
    }
    let in_memory = theirs.with(|options| options.levels(Levels::Memory)).expect("options in range");
    for key in keys {
        // What is read before it is heard that it was set is dropped again.
        while theirs.get(key).await.is_none() || in_memory.get(key).await.is_none() {
            yield_now().await;
        }
    }
    (ours, in_memory, nodes)
}

/// Connections to publish on, what came of it, and who hears it.
async fn listened_to(server: &Server) -> (Pool, Arc<AtomicU64>, SubscriberClient) {
    let heard = Arc::new(AtomicU64::new(0));
    let hears = Arc::clone(&heard);
    let subscriber = builder(server).build_subscriber_client().expect("a subscriber");
    subscriber.init().await.expect("Redis answers");
    subscriber.subscribe("bare").await.expect("a subscription");
    subscriber.on_message(move |_| {
        hears.fetch_add(1, Ordering::Release);
        ready(Ok(()))
    });
    (pool(server).await, heard, subscriber)
}
