//! For how long values are kept.

use std::sync::Arc;
use std::time::Duration;

use adstead_infrastructure::cache::EntryOptions;
use adstead_testkit::cases;
use adstead_testkit::contract::Case;

use super::subject::{MINUTE, Subject, get, load, minute, set};

pub(super) const CASES: &[Case<Subject>] = cases![
    a_value_is_served_until_its_time_is_over,
    a_deleted_key_is_gone,
    many_are_got_as_they_were_set,
    a_value_of_another_version_is_a_miss_and_is_replaced,
    jitter_shortens_the_time_and_never_prolongs_it,
    caches_do_not_share_keys,
    large_and_small_values_come_back_as_they_were,
    every_read_is_counted_once,
];

async fn a_value_is_served_until_its_time_is_over(subject: &Subject) {
    let numbers = subject.numbers();
    set(&numbers, "a", 1).await;
    subject.move_clock(MINUTE - Duration::from_millis(1));
    assert_eq!(get(&numbers, "a").await, Some(1));
    subject.move_clock(Duration::from_millis(1));
    assert_eq!(get(&numbers, "a").await, None);
}

async fn a_deleted_key_is_gone(subject: &Subject) {
    let numbers = subject.numbers();
    set(&numbers, "a", 1).await;
    numbers.delete("a").await;
    assert_eq!(get(&numbers, "a").await, None);
    assert_eq!(load(&numbers, "a", 2).await, 2);
    assert_eq!(get(&numbers, "a").await, Some(2), "what is loaded after it is kept");
}

async fn many_are_got_as_they_were_set(subject: &Subject) {
    let numbers = subject.numbers();
    let values = (0..200_u32).map(|n| (format!("key:{n}"), Arc::new(n)));
    numbers.set_many(values).await.expect("keys and values in bounds");
    numbers.delete("key:7").await;
    let keys: Vec<_> = (0..201).map(|n| format!("key:{n}")).collect();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let found = numbers.get_many(&keys).await;
    for (n, found) in (0..201).zip(found) {
        assert_eq!(found.as_deref(), (n != 7 && n != 200).then_some(&n), "{n}");
    }
}

async fn a_value_of_another_version_is_a_miss_and_is_replaced(subject: &Subject) {
    let old = subject.named(minute().version(1));
    set(&old, "a", 1).await;
    let other = subject.another().await;
    let new = other.named(minute().version(2));
    assert_eq!(get(&new, "a").await, None);
    assert_eq!(load(&new, "a", 2).await, 2);
    assert_eq!(get(&new, "a").await, Some(2));
}

async fn jitter_shortens_the_time_and_never_prolongs_it(subject: &Subject) {
    let numbers = subject.named(EntryOptions::new(MINUTE).jitter(0.5));
    for n in 0..40 {
        set(&numbers, &n.to_string(), n).await;
    }
    let kept = async || {
        let mut kept = 0;
        for n in 0..40 {
            kept += usize::from(get(&numbers, &n.to_string()).await.is_some());
        }
        kept
    };
    subject.move_clock(MINUTE / 2 - Duration::from_millis(1));
    assert_eq!(kept().await, 40);
    subject.move_clock(MINUTE / 4);
    assert!((1..40).contains(&kept().await), "some end earlier than others");
    subject.move_clock(MINUTE / 4 + Duration::from_millis(1));
    assert_eq!(kept().await, 0);
}

async fn caches_do_not_share_keys(subject: &Subject) {
    let numbers = subject.numbers();
    let words =
        subject.manager.cache("words", EntryOptions::<String>::new(MINUTE)).expect("options in range");
    set(&numbers, "a", 1).await;
    assert_eq!(words.get("a").await, None);
    words.set("a", Arc::new("word".to_owned())).await.expect("a value in bounds");
    assert_eq!(get(&numbers, "a").await, Some(1));
    assert_eq!(words.get("a").await.as_deref().map(String::as_str), Some("word"));
}

async fn large_and_small_values_come_back_as_they_were(subject: &Subject) {
    let weigh = |text: &String| text.len() as u32;
    let texts =
        subject.manager.cache("texts", EntryOptions::new(MINUTE).weighing(weigh)).expect("options in range");
    for length in [0, 1, 4_095, 4_097, 100_000] {
        let text: String = (0..length).map(|n: u64| char::from(b'a' + (n * n % 23) as u8)).collect();
        texts.set("a", Arc::new(text.clone())).await.expect("a value in bounds");
        let other = subject.another().await;
        let theirs = other.manager.cache("texts", EntryOptions::new(MINUTE)).expect("options in range");
        if subject.config.redis.is_some() {
            assert!(theirs.get("a").await.as_deref() == Some(&text), "{length} on another node");
        }
        assert!(texts.get("a").await.as_deref() == Some(&text), "{length}");
    }
}

async fn every_read_is_counted_once(subject: &Subject) {
    let numbers = subject.numbers();
    assert_eq!(get(&numbers, "a").await, None);
    assert_eq!(load(&numbers, "a", 1).await, 1);
    // It may be on its way to Redis still.
    super::subject::until("the value is kept", async || get(&numbers, "a").await == Some(1)).await;
    let before = subject.manager.stats().caches.remove(0);
    assert_eq!(load(&numbers, "a", 1).await, 1);
    assert_eq!(get(&numbers, "a").await, Some(1));
    assert_eq!(get(&numbers, "b").await, None);
    subject.invalidate("nobody").await;
    let stats = subject.manager.stats();
    let after = &stats.caches[0];
    assert_eq!((&*after.name, after.loads, stats.invalidations), ("numbers", 1, 1));
    let first =
        |stats: &adstead_domain::port::NamedCacheStatistics| stats.memory.or(stats.redis).expect("a level");
    assert_eq!(first(after).hits - first(&before).hits, 2);
    assert_eq!(first(after).misses - first(&before).misses, 1);
    assert_eq!(after.memory.map_or(1, |memory| memory.entries), 1);
}
