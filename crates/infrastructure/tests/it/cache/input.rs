//! What cannot be kept.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::PortError;
use adstead_infrastructure::cache::{EntryOptions, Refused, SweepError};
use adstead_testkit::cases;
use adstead_testkit::contract::Case;

use super::subject::{MINUTE, Subject, get, load, minute};

pub(super) const CASES: &[Case<Subject>] = cases![
    a_key_out_of_bounds_is_refused_by_who_sets_and_passed_by_who_loads,
    a_value_over_the_limit_is_refused_and_what_was_there_stays,
    more_tags_than_an_entry_carries_are_refused,
    times_out_of_range_are_refused,
    a_name_of_another_type_is_refused,
    prefixes_and_patterns_that_match_nothing_are_refused,
];

async fn a_key_out_of_bounds_is_refused_by_who_sets_and_passed_by_who_loads(subject: &Subject) {
    let numbers = subject.numbers();
    let long = "x".repeat(1025);
    for (key, told) in [
        ("", "the key is empty"),
        (&*long, "the key has 1025 bytes, more than 1024: put a digest in the place of its long parts"),
        ("a\nb", "the key holds the control character U+000A"),
        ("a\u{7f}", "the key holds the control character U+007F"),
    ] {
        let refused = numbers.set(key, Arc::new(1)).await.expect_err("it is refused");
        assert!(refused.to_string().starts_with(told), "{refused}");
        assert_eq!(get(&numbers, key).await, None);
        assert_eq!((load(&numbers, key, 1).await, load(&numbers, key, 2).await), (1, 2), "it is not kept");
        let load = |keys: Vec<String>| async move {
            Ok::<_, PortError>(keys.into_iter().map(|key| (key, 3)).collect::<HashMap<_, _>>())
        };
        let many = numbers.get_or_load_many(&[key], load).await;
        assert_eq!(many.expect("a load that works")[0].as_deref(), Some(&3), "nor where it is one of many");
        numbers.delete(key).await;
        assert_eq!(get(&numbers, key).await, None);
    }
    assert!(subject.manager.stats().refusals >= 8);
    assert_eq!(load(&numbers, &"x".repeat(1024), 1).await, 1);
}

async fn a_value_over_the_limit_is_refused_and_what_was_there_stays(subject: &Subject) {
    let weigh = |text: &String| text.len() as u32;
    let texts =
        subject.manager.cache("texts", EntryOptions::new(MINUTE).weighing(weigh)).expect("options in range");
    texts.set("a", Arc::new("short".to_owned())).await.expect("a value in bounds");
    let max = subject.config.max_entry_bytes as usize;
    let long = "x".repeat(max + 1);
    let refused = texts.set("a", Arc::new(long.clone())).await.expect_err("it is refused");
    assert!(matches!(refused, Refused::TooLarge { .. }), "{refused}");
    assert_eq!(texts.get("a").await.as_deref().map(String::as_str), Some("short"));
    let load = move || async move { Ok::<_, adstead_domain::port::PortError>(long) };
    assert_eq!(texts.get_or_load("b", load).await.expect("a load that works").len(), max + 1);
    assert_eq!(texts.get("b").await, None, "it is served and not kept");
}

async fn more_tags_than_an_entry_carries_are_refused(subject: &Subject) {
    let many = |count| (0..count).fold(minute(), |options, n| options.tag(format!("ad:{n}")));
    let refused = subject.manager.cache("numbers", many(65)).expect_err("it is refused");
    assert_eq!(refused, Refused::TooManyTags { tags: 65, max: 64 });
    let numbers = subject.named(many(60).tagged_by(|_| (0..5).map(|n| format!("more:{n}")).collect()));
    assert_eq!(numbers.set("a", Arc::new(1)).await, Err(refused));
    assert_eq!(
        (load(&numbers, "a", 1).await, load(&numbers, "a", 2).await),
        (1, 2),
        "it is served and not kept"
    );
    for tag in [String::new(), "x".repeat(257), "a\tb".to_owned()] {
        subject.manager.cache("numbers", minute().tag(tag.clone())).expect_err("it is refused");
        subject.manager.invalidate_tag(&tag).await.expect_err("it is refused");
    }
}

async fn times_out_of_range_are_refused(subject: &Subject) {
    let year = Duration::from_secs(366 * 86_400);
    for (options, told) in [
        (EntryOptions::new(Duration::ZERO), "`fresh_for` is 0ns: choose between 1ms and 31622400s"),
        (EntryOptions::new(300 * year), "`fresh_for` is 9486720000s"),
        (minute().kept_for(Duration::from_secs(1)), "`kept_for` is 1s: choose between 60s and"),
        (minute().soft_timeout(Duration::ZERO), "`soft_timeout` is 0ns"),
        (minute().hard_timeout(Duration::ZERO), "`hard_timeout` is 0ns"),
        (minute().throttle(300 * year), "`throttle` is"),
        (minute().jitter(0.6), "`jitter` is 0.6: choose between 0 and 0.5"),
        (minute().jitter(f64::NAN), "`jitter` is NaN"),
        (minute().eager_after(0.0), "`eager_after` is 0: choose between 0.1 and 1"),
    ] {
        let refused = subject.manager.cache("numbers", options).expect_err("it is refused");
        assert!(refused.to_string().starts_with(told), "{refused}");
    }
    subject
        .numbers()
        .with(|options| options.kept_for(300 * year))
        .expect_err("it is refused for one call as well");
}

async fn a_name_of_another_type_is_refused(subject: &Subject) {
    subject.numbers();
    let refused =
        subject.manager.cache("numbers", EntryOptions::<String>::new(MINUTE)).expect_err("it is refused");
    assert_eq!(refused, Refused::NameTaken { name: "numbers".to_owned() });
    for name in ["", "a b", "a:b", "Ads", &"x".repeat(33)] {
        subject.manager.cache(name, minute()).expect_err("it is refused");
    }
    let full = (0..).find_map(|n| subject.manager.cache(&format!("cache-{n}"), minute()).err());
    assert_eq!(full, Some(Refused::TooManyCaches { max: 64 }));
}

async fn prefixes_and_patterns_that_match_nothing_are_refused(subject: &Subject) {
    for prefix in ["", "numbers", "numbers:4", "a:b:c:d:e:f:", "*", "numbers:*"] {
        subject.manager.invalidate_prefix(prefix).await.expect_err("it is refused");
    }
    let refused = subject.manager.sweep("", |_| ()).await.expect_err("it is refused");
    assert_eq!(refused, SweepError::Refused(Refused::Empty { what: "pattern" }));
    let refused = subject.manager.sweep("numbers:[a", |_| ()).await.expect_err("it is refused");
    assert_eq!(refused, SweepError::Refused(Refused::OpenSet));
}
