//! The contract of [`EventSubscriber`].

use adstead_domain::AdChange;
use adstead_domain::port::EventSubscriber;

use super::Case;
use crate::{build, cases};

/// What every `EventSubscriber` must do while nothing is wrong with what stands behind it.
pub const CASES: &[Case<dyn EventSubscriber>] =
    cases![its_name_is_a_word_and_stays_the_same, events_can_be_told_again];

async fn its_name_is_a_word_and_stays_the_same(subscriber: &dyn EventSubscriber) {
    let name = subscriber.name().to_owned();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    assert!((1..=32).contains(&name.len()) && name.chars().all(fits), "{name:?}");
    let event = build::happened(AdChange::Approved);
    subscriber.deliver(&[&event]).await.expect("an event can be told");
    assert_eq!(subscriber.name(), name);
}

async fn events_can_be_told_again(subscriber: &dyn EventSubscriber) {
    let most = subscriber.most_at_once();
    assert!(most >= 1, "it takes one event at least");
    let event = build::happened(AdChange::Approved);
    let events = vec![&event; most];
    for _ in 0..3 {
        subscriber.deliver(&events).await.expect("as many events as it takes can be told");
    }
    assert_eq!(subscriber.most_at_once(), most);
}
