//! What a hit of the cache allocates: nothing. In a binary of its own, since what counts stands in the place of the allocator.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use adstead_infrastructure::cache::{Cache, CacheConfig, CacheManager, EntryOptions};
use tokio::runtime::{Builder, Runtime};

/// Reads of a batch: fewer than moka lets pass between two rounds of its own upkeep, which allocates.
const READS: usize = 32;
const BATCHES: usize = 100;

#[test]
fn a_hit_in_memory_allocates_nothing() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let manager = CacheManager::new(&CacheConfig::in_memory(1 << 20));
    let options = EntryOptions::new(Duration::from_secs(60)).tag("account:7").tag("campaign:42");
    let names: Cache<String> = manager.cache("names", options).expect("options in range");
    let shoes = Arc::new("shoes".to_owned());
    runtime.block_on(names.set("7:42", shoes)).expect("a value in bounds");

    let get = async || names.get("7:42").await.is_some();
    assert_eq!(fewest_allocations(&runtime, get), 0, "of `get`");
    let load = async || {
        let load = || async { Ok::<_, Infallible>("boots".to_owned()) };
        names.get_or_load("7:42", load).await.is_ok()
    };
    assert_eq!(fewest_allocations(&runtime, load), 0, "of `get_or_load`");
    let load = async || {
        let load = || async { Ok::<_, Infallible>(Some("boots".to_owned())) };
        names.get_or_load_optional("7:42", load).await.is_ok()
    };
    assert_eq!(fewest_allocations(&runtime, load), 0, "of `get_or_load_optional`");
}

/// The fewest allocations of a batch of hits. What allocates on each hit is found in every batch; what moka allocates now and
/// then is not.
fn fewest_allocations(runtime: &Runtime, hit: impl AsyncFn() -> bool) -> u64 {
    let batch = || {
        let hits = async {
            for _ in 0..READS {
                assert!(hit().await, "it is kept");
            }
        };
        allocation_counter::measure(|| runtime.block_on(hits)).count_total
    };
    (0..BATCHES).map(|_| batch()).min().expect("there are batches")
}
