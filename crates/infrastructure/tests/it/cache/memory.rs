use adstead_infrastructure::cache::{CacheConfig, EntryOptions};

use super::keeps_the_contract;
use super::subject::{MINUTE, SetUp, Subject, get, load, minute, set};

#[tokio::test(flavor = "multi_thread")]
async fn memory_alone_keeps_the_contract() {
    keeps_the_contract("MemoryCacheStrategy", &SetUp::Memory).await;
}

#[tokio::test]
async fn a_disabled_cache_keeps_nothing_and_loads_every_time() {
    let subject = Subject::with(CacheConfig { enabled: false, ..CacheConfig::in_memory(1 << 20) }).await;
    let numbers = subject.numbers();
    set(&numbers, "a", 1).await;
    assert_eq!(get(&numbers, "a").await, None);
    assert_eq!((load(&numbers, "a", 2).await, load(&numbers, "a", 3).await), (2, 3));
}

#[tokio::test]
async fn what_is_kept_stays_inside_the_bound() {
    let subject = Subject::with(CacheConfig::in_memory(100_000)).await;
    let numbers = subject.named(minute().weighing(|_| 1000));
    for n in 0..1000 {
        set(&numbers, &format!("key:{n}"), n).await;
    }
    let stats = subject.manager.stats().caches.remove(0).memory.expect("a level in memory");
    assert!(stats.bytes <= 100_000, "{stats:?}");
    assert!(stats.entries > 0 && stats.evictions > 0, "{stats:?}");
    assert_eq!(stats.entries + stats.evictions, 1000, "{stats:?}");
}

#[tokio::test]
async fn a_loaded_value_weighs_what_it_is_found_to_be() {
    let subject = Subject::new(&SetUp::Memory).await;
    let by_length = EntryOptions::new(MINUTE).weighing(|text: &String| text.len() as u32);
    let texts = subject.manager.cache("texts", by_length).expect("options in range");
    let load = async |key: &str, length| {
        let load = move || async move { Ok::<_, std::convert::Infallible>("x".repeat(length)) };
        texts.get_or_load(key, load).await.expect("a load that works");
        subject.manager.stats().caches.remove(0).memory.expect("a level in memory").bytes
    };
    let (one, two) = (load("1", 10).await, load("2", 5_010).await);
    assert_eq!(two - one, one + 5_000);
}
