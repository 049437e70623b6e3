//! Hits in Redis against the bare command.

use std::sync::Arc;

use adstead_backends::Server;
use adstead_infrastructure::cache::{Cache, CacheManager};
use adstead_testkit::bench::{Bench, Row};
use bytes::Bytes;
use fred::prelude::*;
use tokio::runtime::Runtime;

use crate::redis::{Work, micros_in_turns, node, pool, with_redis};
use crate::value::{Ad, keys, options};

const KEYS: usize = 1_000;

pub(crate) const CALLS: usize = 30_000;

/// Calls of which Redis is asked what they sent it.
const WATCHED_CALLS: usize = 200;

pub(crate) fn compare(runtime: &Runtime, bench: Bench) -> Row {
    with_redis(bench, |server| {
        let (keys, cache, _manager) = runtime.block_on(filled(server));
        let raw = runtime.block_on(pool(server));
        let stored: Arc<[_]> = keys.iter().map(|key| format!("adstead:e:ads:{key}")).collect();
        let sent = runtime.block_on(async {
            let before = Work::of(&raw).await;
            for call in 0..WATCHED_CALLS {
                get(cache.clone(), Arc::clone(&keys), call).await;
            }
            let after = Work::of(&raw).await;
            let (gets, commands) = (after.gets - before.gets, after.commands - before.commands - 1.0);
            format!("for {WATCHED_CALLS} hits Redis was sent {commands} commands, {gets} of them GET")
        });
        let ours = move |call| get(cache.clone(), Arc::clone(&keys), call);
        let baseline = move |call| {
            let (raw, stored) = (raw.clone(), Arc::clone(&stored));
            async move {
                let found: Option<Bytes> = raw.get(&stored[call % KEYS]).await.expect("Redis answers");
                assert!(found.is_some(), "every key is there");
            }
        };
        let (ours, baseline) = micros_in_turns(runtime, CALLS, ours, baseline);
        bench.row(ours, baseline).with_note(format!(
            "an ad of 256 bytes with two tags, against the very bytes that it is kept as; {sent}; ours checks and decodes them"
        ))
    })
}

/// A cache in Redis alone, the keys that are in it, and who keeps it.
pub(crate) async fn filled(server: &Server) -> (Arc<[String]>, Cache<Ad>, CacheManager) {
    let keys = keys(KEYS);
    let manager = node(server, 0).await;
    let cache = manager.cache("ads", options()).expect("options in range");
    for key in &keys {
        cache.set(key, Ad::shared()).await.expect("an ad in bounds");
    }
    (keys.into(), cache, manager)
}

/// Reads one of the keys.
pub(crate) async fn get(cache: Cache<Ad>, keys: Arc<[String]>, call: usize) {
    assert!(cache.get(&keys[call % KEYS]).await.is_some(), "every key is there");
}
