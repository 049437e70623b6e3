use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_domain::port::{IdGenerator, PortError, PortErrorKind};
use adstead_infrastructure::cache::{Cache, CacheConfig, CacheManager, EntryOptions, LoadError, RedisConfig};
use adstead_infrastructure::system::UuidV7;
use tokio::sync::oneshot;

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// Where entries are kept.
#[derive(Clone)]
pub(super) enum SetUp {
    Memory,
    Redis(String),
    Both(String),
}

/// A manager on a clock that stands until the test moves it.
pub(super) struct Subject {
    pub(super) manager: CacheManager,
    /// How others share what is kept, where they can.
    pub(super) config: CacheConfig,
    pub(super) now_ms: Arc<AtomicU64>,
}

impl Subject {
    pub(super) async fn new(set_up: &SetUp) -> Self {
        Self::with(config(set_up)).await
    }

    pub(super) async fn with(config: CacheConfig) -> Self {
        Self::on(config, Arc::default()).await
    }

    async fn on(config: CacheConfig, now_ms: Arc<AtomicU64>) -> Self {
        let clock = Arc::clone(&now_ms);
        let clock = move || Duration::from_millis(clock.load(Ordering::SeqCst));
        let manager = CacheManager::connect_with_clock(&config, clock).await.expect("a usable configuration");
        Self { manager, config, now_ms }
    }

    /// Another node: a process of its own over the same Redis, on the same clock.
    pub(super) async fn another(&self) -> Self {
        Self::on(self.config.clone(), Arc::clone(&self.now_ms)).await
    }

    pub(super) fn move_clock(&self, by: Duration) {
        self.now_ms.fetch_add(by.as_millis() as u64, Ordering::SeqCst);
    }

    /// A cache of numbers that are fresh for a minute.
    pub(super) fn numbers(&self) -> Cache<u32> {
        self.named(minute())
    }

    pub(super) fn named(&self, options: EntryOptions<u32>) -> Cache<u32> {
        self.manager.cache("numbers", options).expect("options in range")
    }

    pub(super) async fn invalidate(&self, tag: &str) {
        self.manager.invalidate_tag(tag).await.expect("a tag in bounds");
    }
}

pub(super) fn config(set_up: &SetUp) -> CacheConfig {
    let (max_bytes, url) = match set_up {
        SetUp::Memory => (1 << 20, None),
        SetUp::Redis(url) => (0, Some(url)),
        SetUp::Both(url) => (1 << 20, Some(url)),
    };
    // A namespace of its own, since they share one server; patience, since a machine may be busy.
    let redis = |url: &String| RedisConfig {
        timeout: 5 * SECOND,
        ..RedisConfig::new(url).namespace(format!("test-{}", UuidV7.next()))
    };
    CacheConfig { redis: url.map(redis), ..CacheConfig::in_memory(max_bytes) }
}

/// For a minute to the millisecond.
pub(super) fn minute() -> EntryOptions<u32> {
    EntryOptions::new(MINUTE).jitter(0.0)
}

pub(super) async fn set(cache: &Cache<u32>, key: &str, value: u32) {
    cache.set(key, Arc::new(value)).await.expect("a key and a value in bounds");
}

pub(super) async fn get(cache: &Cache<u32>, key: &str) -> Option<u32> {
    cache.get(key).await.map(|value| *value)
}

/// Loads `value` unless something is kept under `key`.
pub(super) async fn load(cache: &Cache<u32>, key: &str, value: u32) -> u32 {
    let load = move || async move { Ok::<_, PortError>(value) };
    *cache.get_or_load(key, load).await.expect("a load that works")
}

/// As [`load`], with a load that fails.
pub(super) async fn load_in_vain(cache: &Cache<u32>, key: &str) -> Result<u32, LoadError<PortError>> {
    cache.get_or_load(key, || async { Err(unavailable()) }).await.map(|value| *value)
}

pub(super) fn unavailable() -> PortError {
    PortError::new(PortErrorKind::Unavailable, "ads.get")
        .with_retry_after(MINUTE)
        .with_source(std::io::Error::other("connection refused"))
}

/// A load that is under way until the test lets it end.
pub(super) struct Held {
    pub(super) finish: oneshot::Sender<Option<u32>>,
    pub(super) reader: tokio::task::JoinHandle<Result<Option<Arc<u32>>, LoadError<PortError>>>,
}

impl Held {
    /// Begins one; returns once it runs.
    pub(super) async fn begin(cache: &Cache<u32>, key: &'static str) -> Self {
        let (finish, finished) = oneshot::channel();
        let (run, runs) = oneshot::channel();
        let cache = cache.clone();
        let reader = tokio::spawn(async move {
            let load = move || async move {
                run.send(()).expect("the test waits");
                Ok::<_, PortError>(finished.await.expect("the load is let go"))
            };
            cache.get_or_load_optional(key, load).await
        });
        runs.await.expect("the load begins");
        Self { finish, reader }
    }

    /// Lets it end with this, and answers what its reader got.
    pub(super) async fn end(self, value: Option<u32>) -> Option<u32> {
        self.finish.send(value).expect("the load waits");
        let read = self.reader.await.expect("the reader ends").expect("a load that works");
        read.map(|value| *value)
    }
}

/// Waits until something that happens in the background is so.
pub(super) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let patience = tokio::time::Instant::now() + 20 * SECOND;
    while !holds().await {
        assert!(tokio::time::Instant::now() < patience, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
