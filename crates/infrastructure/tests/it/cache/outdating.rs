//! What ends values before their time.

use std::sync::Arc;

use adstead_infrastructure::cache::{EntryOptions, Swept};
use adstead_testkit::cases;
use adstead_testkit::contract::Case;

use super::subject::{Held, MINUTE, Subject, get, load, minute, set, until};

pub(super) const CASES: &[Case<Subject>] = cases![
    a_tag_ends_what_carries_it_and_nothing_else,
    a_tag_that_is_found_in_the_value_ends_it,
    an_entry_with_many_tags_still_ends_with_each_of_them,
    a_tag_of_one_call_ends_what_it_kept,
    a_prefix_ends_what_begins_with_it_and_nothing_else,
    clearing_ends_everything,
    what_was_read_before_an_invalidation_is_never_kept_after_it,
    a_tag_that_only_the_loaded_value_tells_is_minded_as_well,
    who_asks_after_an_invalidation_joins_no_load_from_before,
    invalidating_soon_is_at_once_for_who_does_it,
    a_sweep_ends_what_matches_and_tells_how_far_it_is,
];

async fn a_tag_ends_what_carries_it_and_nothing_else(subject: &Subject) {
    let one = subject.named(minute().tag("account:1").tag("campaign:1"));
    let two = subject.named(minute().tag("account:1").tag("campaign:2"));
    set(&one, "a", 1).await;
    set(&two, "b", 2).await;
    subject.invalidate("campaign:2").await;
    assert_eq!((get(&one, "a").await, get(&one, "b").await), (Some(1), None));
    subject.invalidate("account:1").await;
    assert_eq!(get(&one, "a").await, None);
    set(&one, "a", 3).await;
    assert_eq!(get(&one, "a").await, Some(3), "what is kept after an invalidation is served");
}

async fn a_tag_that_is_found_in_the_value_ends_it(subject: &Subject) {
    let numbers = subject.named(minute().tagged_by(|number| vec![format!("number:{number}")]));
    set(&numbers, "a", 1).await;
    assert_eq!(load(&numbers, "b", 2).await, 2);
    until("it is kept", async || get(&numbers, "b").await == Some(2)).await;
    subject.invalidate("number:2").await;
    assert_eq!((get(&numbers, "a").await, get(&numbers, "b").await), (Some(1), None));
    subject.invalidate("number:1").await;
    assert_eq!(get(&numbers, "a").await, None);
}

async fn an_entry_with_many_tags_still_ends_with_each_of_them(subject: &Subject) {
    let many = (0..60).fold(minute(), |options, n| options.tag(format!("ad:{n}")));
    let numbers = subject.named(many);
    for n in [0, 11, 12, 59] {
        set(&numbers, "a", 1).await;
        assert_eq!(get(&numbers, "a").await, Some(1));
        subject.invalidate(&format!("ad:{n}")).await;
        assert_eq!(get(&numbers, "a").await, None);
    }
}

async fn a_tag_of_one_call_ends_what_it_kept(subject: &Subject) {
    let numbers = subject.numbers();
    let tagged = numbers.with(|options| options.tag("once")).expect("options in range");
    set(&tagged, "a", 1).await;
    set(&numbers, "b", 2).await;
    subject.invalidate("once").await;
    assert_eq!((get(&numbers, "a").await, get(&numbers, "b").await), (None, Some(2)));
}

async fn a_prefix_ends_what_begins_with_it_and_nothing_else(subject: &Subject) {
    let numbers = subject.numbers();
    let keys = ["42:1", "42:2:x", "421:1", "42"];
    let set_all = async || {
        for key in keys {
            set(&numbers, key, 1).await;
        }
    };
    let kept = async || {
        let found = numbers.get_many(&keys).await;
        found.iter().map(Option::is_some).collect::<Vec<_>>()
    };
    set_all().await;
    subject.manager.invalidate_prefix("numbers:42:").await.expect("a registered prefix");
    assert_eq!(kept().await, [false, false, true, true]);
    set_all().await;
    subject.manager.invalidate_prefix("numbers:").await.expect("a registered prefix");
    assert_eq!(kept().await, [false; 4]);
    set_all().await;
    subject.manager.invalidate_prefix("words:42:").await.expect("a registered prefix");
    assert_eq!(kept().await, [true; 4]);
}

async fn clearing_ends_everything(subject: &Subject) {
    let numbers = subject.numbers();
    let words =
        subject.manager.cache("words", EntryOptions::<String>::new(MINUTE)).expect("options in range");
    set(&numbers, "a", 1).await;
    words.set("a", Arc::new("word".to_owned())).await.expect("a value in bounds");
    subject.manager.clear().await;
    assert_eq!((get(&numbers, "a").await, words.get("a").await), (None, None));
    let held = subject
        .manager
        .stats()
        .caches
        .iter()
        .filter_map(|cache| cache.memory)
        .map(|level| level.entries)
        .sum::<u64>();
    assert_eq!(held, 0);
}

async fn what_was_read_before_an_invalidation_is_never_kept_after_it(subject: &Subject) {
    let numbers = subject.named(minute().tag("account:1"));
    for invalidation in ["tag", "soon", "prefix", "delete", "clear", "set"] {
        let held = Held::begin(&numbers, "1:a").await;
        match invalidation {
            "tag" => subject.invalidate("account:1").await,
            "soon" => subject.manager.invalidate_tag_soon("account:1").expect("a tag in bounds"),
            "prefix" => subject.manager.invalidate_prefix("numbers:1:").await.expect("a registered prefix"),
            "delete" => numbers.delete("1:a").await,
            "clear" => subject.manager.clear().await,
            _ => set(&numbers, "1:a", 2).await,
        }
        assert_eq!(held.end(Some(1)).await, Some(1), "who asked before may get the old value");
        let expected = (invalidation == "set").then_some(2);
        assert_eq!(get(&numbers, "1:a").await, expected, "after {invalidation}");
        numbers.delete("1:a").await;
    }
}

async fn a_tag_that_only_the_loaded_value_tells_is_minded_as_well(subject: &Subject) {
    let numbers = subject.named(minute().tagged_by(|number| vec![format!("number:{number}")]));
    let held = Held::begin(&numbers, "a").await;
    subject.invalidate("number:1").await;
    // This one comes after the invalidation, and so may not get what was read before it.
    let late = {
        let numbers = numbers.clone();
        tokio::spawn(async move { load(&numbers, "a", 2).await })
    };
    held.end(Some(1)).await;
    assert_eq!(late.await.expect("a reader ends"), 2);
    until("the new value is kept", async || get(&numbers, "a").await == Some(2)).await;
}

async fn who_asks_after_an_invalidation_joins_no_load_from_before(subject: &Subject) {
    let numbers = subject.numbers();
    let held = Held::begin(&numbers, "a").await;
    numbers.delete("a").await;
    assert_eq!(load(&numbers, "a", 2).await, 2);
    until("the new value is kept", async || get(&numbers, "a").await == Some(2)).await;
    held.end(Some(1)).await;
    assert_eq!(get(&numbers, "a").await, Some(2));
}

async fn invalidating_soon_is_at_once_for_who_does_it(subject: &Subject) {
    let numbers = subject.named(minute().tag("account:1"));
    set(&numbers, "a", 1).await;
    subject.manager.invalidate_tag_soon("account:1").expect("a tag in bounds");
    assert_eq!(get(&numbers, "a").await, None);
    assert_eq!(load(&numbers, "a", 2).await, 2);
}

async fn a_sweep_ends_what_matches_and_tells_how_far_it_is(subject: &Subject) {
    let numbers = subject.numbers();
    for n in 0..300 {
        set(&numbers, &format!("{n}:draft"), n).await;
        set(&numbers, &format!("{n}:live"), n).await;
    }
    let mut told = Vec::new();
    let swept =
        subject.manager.sweep("numbers:*:draft", |swept| told.push(swept)).await.expect("a sweep that ends");
    assert_eq!(get(&numbers, "7:draft").await, None);
    assert_eq!(get(&numbers, "7:live").await, Some(7));
    let expected = |level: bool| if level { 300 } else { 0 };
    let has_memory = subject.config.max_bytes > 0;
    assert_eq!(
        (swept.in_memory, swept.in_redis),
        (expected(has_memory), expected(subject.config.redis.is_some()))
    );
    assert_eq!(told.last(), Some(&swept));
    assert!(told.is_sorted_by_key(|Swept { pages, in_memory, in_redis }| (*pages, *in_memory, *in_redis)));
}
