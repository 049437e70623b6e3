use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_domain::port::{PortError, PortErrorKind};
use adstead_infrastructure::cache::{CacheConfig, CacheManager, EntryOptions, shared_failure};
use futures::FutureExt;
use futures::future::join_all;
use tokio::sync::oneshot;
use tokio::task::yield_now;

const MINUTE: Duration = Duration::from_secs(60);

static FOR_A_MINUTE: EntryOptions<u32> = EntryOptions::new(MINUTE);

/// A cache on a clock that stands until the test moves it.
struct Cache {
    manager: CacheManager,
    now_ms: Arc<AtomicU64>,
}

impl Cache {
    fn new() -> Self {
        Self::with(&CacheConfig { enabled: true, max_bytes: 1 << 20 })
    }

    fn with(config: &CacheConfig) -> Self {
        let now_ms = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&now_ms);
        let manager =
            CacheManager::with_clock(config, move || Duration::from_millis(clock.load(Ordering::SeqCst)));
        Self { manager, now_ms }
    }

    fn move_clock(&self, by: Duration) {
        self.now_ms.fetch_add(by.as_millis() as u64, Ordering::SeqCst);
    }

    async fn set(&self, key: &str, value: u32, options: &EntryOptions<u32>) {
        self.manager.set(key, Arc::new(value), options).await;
    }

    async fn get(&self, key: &str) -> Option<u32> {
        self.manager.get::<u32>(key).await.map(|value| *value)
    }

    /// Loads `value` unless something is kept under `key`.
    async fn load(&self, key: &str, value: u32) -> u32 {
        let load = async move { Ok::<_, PortError>(value) };
        *self.manager.get_or_load(key, &FOR_A_MINUTE, load).await.expect("a load that works")
    }
}

fn minute() -> EntryOptions<u32> {
    FOR_A_MINUTE.clone()
}

fn unavailable() -> PortError {
    PortError::new(PortErrorKind::Unavailable, "ads.get")
        .with_retry_after(MINUTE)
        .with_source(std::io::Error::other("connection refused"))
}

#[tokio::test]
async fn a_value_is_served_until_its_time_is_over() {
    let cache = Cache::new();
    cache.set("a", 1, &FOR_A_MINUTE).await;
    cache.move_clock(MINUTE - Duration::from_millis(1));
    assert_eq!(cache.get("a").await, Some(1));
    cache.move_clock(Duration::from_millis(1));
    assert_eq!(cache.get("a").await, None);
}

#[tokio::test]
async fn a_time_to_live_of_zero_keeps_nothing_and_an_endless_one_keeps() {
    let cache = Cache::new();
    cache.set("zero", 1, &EntryOptions::new(Duration::ZERO)).await;
    cache.set("endless", 2, &EntryOptions::new(Duration::MAX)).await;
    cache.move_clock(300 * 365 * 24 * 60 * MINUTE);
    assert_eq!((cache.get("zero").await, cache.get("endless").await), (None, Some(2)));
}

#[tokio::test]
async fn a_value_of_another_type_is_a_miss() {
    let cache = Cache::new();
    cache.set("a", 1, &FOR_A_MINUTE).await;
    assert_eq!(cache.manager.get::<String>("a").await, None);
    let load = async { Ok::<_, PortError>("text".to_owned()) };
    let text =
        cache.manager.get_or_load("a", &EntryOptions::new(MINUTE), load).await.expect("a load that works");
    assert_eq!(*text, "text");
}

#[tokio::test]
async fn a_deleted_key_is_gone() {
    let cache = Cache::new();
    cache.set("a", 1, &FOR_A_MINUTE).await;
    cache.manager.delete("a").await;
    assert_eq!(cache.get("a").await, None);
}

#[tokio::test]
async fn a_tag_ends_what_carries_it_and_nothing_else() {
    let cache = Cache::new();
    cache.set("a", 1, &minute().tag("account:1").tag("campaign:1")).await;
    cache.set("b", 2, &minute().tag("account:1").tag("campaign:2")).await;
    cache.manager.invalidate_tag("campaign:2").await;
    assert_eq!((cache.get("a").await, cache.get("b").await), (Some(1), None));
    cache.manager.invalidate_tag("account:1").await;
    assert_eq!(cache.get("a").await, None);
    cache.set("a", 3, &minute().tag("account:1")).await;
    assert_eq!(cache.get("a").await, Some(3), "what is kept after an invalidation is served");
}

#[tokio::test]
async fn an_entry_with_many_tags_still_ends_with_each_of_them() {
    let cache = Cache::new();
    let many = (0..100).fold(minute(), |options, n| options.tag(format!("ad:{n}")));
    for n in [0, 11, 12, 99] {
        cache.set("a", 1, &many).await;
        assert_eq!(cache.get("a").await, Some(1));
        cache.manager.invalidate_tag(&format!("ad:{n}")).await;
        assert_eq!(cache.get("a").await, None);
    }
}

#[tokio::test]
async fn clearing_ends_everything() {
    let cache = Cache::new();
    cache.set("a", 1, &FOR_A_MINUTE).await;
    cache.manager.clear().await;
    assert_eq!(cache.get("a").await, None);
    assert_eq!(cache.manager.stats().entries, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_concurrent_misses_run_one_load() {
    let cache = Arc::new(Cache::new());
    let loads = Arc::new(AtomicU64::new(0));
    let readers = (0..1000).map(|_| {
        let (cache, loads) = (Arc::clone(&cache), Arc::clone(&loads));
        tokio::spawn(async move {
            let load = async {
                loads.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
                Ok::<_, PortError>(7_u32)
            };
            *cache.manager.get_or_load("hot", &FOR_A_MINUTE, load).await.expect("a load that works")
        })
    });
    for value in join_all(readers).await {
        assert_eq!(value.expect("a reader ends"), 7);
    }
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    assert_eq!(cache.manager.stats().loads, 1);
}

#[tokio::test]
async fn what_was_read_before_an_invalidation_is_never_kept_after_it() {
    let tagged = minute().tag("account:1");
    for invalidation in ["tag", "delete", "clear", "set"] {
        let cache = Cache::new();
        let (finish, finished) = oneshot::channel();
        let load = async { Ok::<u32, PortError>(finished.await.expect("the load is let go")) };
        let mut reader = Box::pin(cache.manager.get_or_load("a", &tagged, load));
        assert!((&mut reader).now_or_never().is_none(), "the load is under way");
        match invalidation {
            "tag" => cache.manager.invalidate_tag("account:1").await,
            "delete" => cache.manager.delete("a").await,
            "clear" => cache.manager.clear().await,
            _ => cache.set("a", 2, &tagged).await,
        }
        finish.send(1).expect("the load waits");
        assert_eq!(*reader.await.expect("a load that works"), 1, "who asked before may get the old value");
        let expected = (invalidation == "set").then_some(2);
        assert_eq!(cache.get("a").await, expected, "after {invalidation}");
    }
}

#[tokio::test]
async fn who_asks_after_an_invalidation_joins_no_load_from_before() {
    let cache = Cache::new();
    let stuck = async { std::future::pending::<Result<u32, PortError>>().await };
    let mut early = Box::pin(cache.manager.get_or_load("a", &FOR_A_MINUTE, stuck));
    assert!((&mut early).now_or_never().is_none(), "the load is under way");
    cache.manager.delete("a").await;
    assert_eq!(cache.load("a", 2).await, 2);
    drop(early);
    assert_eq!(cache.get("a").await, Some(2));
}

#[tokio::test]
async fn where_the_loading_caller_is_cancelled_the_next_one_loads() {
    let cache = Cache::new();
    let stuck = async { std::future::pending::<Result<u32, PortError>>().await };
    let mut first = Box::pin(cache.manager.get_or_load("a", &FOR_A_MINUTE, stuck));
    assert!((&mut first).now_or_never().is_none(), "the load is under way");
    let mut second = Box::pin(cache.load("a", 2));
    assert!((&mut second).now_or_never().is_none(), "the second caller waits for the first");
    drop(first);
    assert_eq!(second.await, 2);
    assert_eq!(cache.get("a").await, Some(2));
}

#[tokio::test]
async fn a_failed_load_is_shared_but_not_kept() {
    let cache = Cache::new();
    let failing = || async {
        yield_now().await;
        Err::<u32, _>(unavailable())
    };
    let attempts = (0..10).map(|_| cache.manager.get_or_load("a", &FOR_A_MINUTE, failing()));
    for outcome in join_all(attempts).await {
        let failure = shared_failure(outcome.expect_err("the load fails"));
        assert_eq!(failure.kind, PortErrorKind::Unavailable);
        assert_eq!(failure.retry_after, Some(MINUTE));
        assert_eq!(failure.source.expect("the cause is passed on").to_string(), "connection refused");
    }
    let stats = cache.manager.stats();
    assert_eq!((stats.loads, stats.load_failures, stats.entries), (1, 1, 0));
    assert_eq!(cache.load("a", 1).await, 1, "the next caller loads anew");
}

#[tokio::test]
async fn that_there_is_nothing_is_not_kept() {
    let cache = Cache::new();
    let look_up = |found: Option<u32>| {
        let load = async move { Ok::<_, PortError>(found) };
        cache.manager.get_or_load_optional("a", &FOR_A_MINUTE, load)
    };
    assert_eq!(look_up(None).await.expect("a load that works").as_deref(), None);
    assert_eq!(look_up(Some(1)).await.expect("a load that works").as_deref(), Some(&1));
    assert_eq!(look_up(None).await.expect("a load that works").as_deref(), Some(&1), "what is there is kept");
}

#[tokio::test]
async fn a_look_up_that_may_find_nothing_shares_no_load_with_one_that_may_not() {
    let cache = Cache::new();
    let nothing = async {
        yield_now().await;
        Ok::<Option<u32>, PortError>(None)
    };
    let (absent, present) =
        tokio::join!(cache.manager.get_or_load_optional("a", &FOR_A_MINUTE, nothing), cache.load("a", 1));
    assert_eq!((absent.expect("a load that works"), present), (None, 1));
}

#[tokio::test]
async fn a_disabled_cache_keeps_nothing_and_loads_every_time() {
    let cache = Cache::with(&CacheConfig { enabled: false, max_bytes: 1 << 20 });
    cache.set("a", 1, &FOR_A_MINUTE).await;
    assert_eq!(cache.get("a").await, None);
    assert_eq!((cache.load("a", 2).await, cache.load("a", 3).await), (2, 3));
}

#[tokio::test]
async fn what_is_kept_stays_inside_the_bound() {
    let cache = Cache::with(&CacheConfig { enabled: true, max_bytes: 100_000 });
    for n in 0..1000 {
        cache.set(&format!("key:{n}"), n, &minute().weighing(|_| 1000)).await;
    }
    let stats = cache.manager.stats();
    assert!(stats.bytes <= 100_000, "{stats:?}");
    assert!(stats.entries > 0 && stats.evictions > 0, "{stats:?}");
}

#[tokio::test]
async fn a_loaded_value_weighs_what_it_is_found_to_be() {
    let cache = Cache::new();
    let by_length = EntryOptions::new(MINUTE).weighing(|text: &String| text.len() as u32);
    let load = async |key: &str, length| {
        let load = async { Ok::<_, PortError>("x".repeat(length)) };
        cache.manager.get_or_load(key, &by_length, load).await.expect("a load that works");
        cache.manager.stats().bytes
    };
    let (one, two) = (load("1", 10).await, load("2", 5_010).await);
    assert_eq!(two - one, one + 5_000);
}

#[tokio::test]
async fn every_read_is_counted_once() {
    let cache = Cache::new();
    assert_eq!(cache.get("a").await, None);
    assert_eq!(cache.load("a", 1).await, 1);
    assert_eq!(cache.load("a", 1).await, 1);
    assert_eq!(cache.get("a").await, Some(1));
    cache.manager.invalidate_tag("nobody").await;
    let stats = cache.manager.stats();
    assert_eq!((stats.hits, stats.misses, stats.loads, stats.invalidations), (2, 2, 1, 1));
    assert_eq!(stats.entries, 1);
}
