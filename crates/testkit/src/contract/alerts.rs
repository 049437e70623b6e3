//! The contract of [`Alerts`](adstead_domain::port::Alerts).

use adstead_domain::port::OutboxSelection;
use adstead_domain::{DomainEvent, DomainEventId, Occurrence, ServiceChange};
use futures::future::join_all;
use jiff::ToSpan;

use super::outbox::SUBSCRIBERS;
use super::{Case, Repositories};
use crate::build::{self, CREATED_AT};
use crate::cases;

/// What every `Alerts` must do.
pub const CASES: &[Case<Repositories>] = cases![
    what_is_raised_comes_to_each_subscriber_once,
    of_concurrent_calls_one_raises,
    a_key_is_taken_once_and_tells_nobody,
    what_is_forgotten_can_be_raised_again,
];

async fn found(world: &Repositories) -> DomainEvent {
    let account = world.account().await;
    let occurrence = Occurrence::Service { change: ServiceChange::Down, name: "openai".to_owned() };
    DomainEvent::found(DomainEventId::new(build::id()), account.id, occurrence, CREATED_AT)
}

async fn raise(world: &Repositories, key: &str, event: &DomainEvent) -> bool {
    world.alerts.raise(key, event).await.expect("something can be raised")
}

async fn told(world: &Repositories, event: &DomainEvent) -> usize {
    let all =
        world.outbox.list(&OutboxSelection::default(), None, 1_000).await.expect("messages can be listed");
    all.iter().filter(|entry| entry.event_id == event.id).count()
}

async fn what_is_raised_comes_to_each_subscriber_once(world: &Repositories) {
    let (event, other) = (found(world).await, found(world).await);
    let longest = "k".repeat(200);
    assert!(raise(world, &longest, &event).await);
    assert!(!raise(world, &longest, &event).await);
    assert!(!raise(world, &longest, &other).await, "the key counts, not the event");
    assert!(raise(world, "another", &other).await);
    assert_eq!(
        (told(world, &event).await, told(world, &other).await),
        (SUBSCRIBERS.len(), SUBSCRIBERS.len())
    );
    let all = world.outbox.list(&OutboxSelection::default(), None, 10).await.expect("messages can be listed");
    assert_eq!(all[0].name, "service.down");
}

async fn of_concurrent_calls_one_raises(world: &Repositories) {
    let event = found(world).await;
    let raised = join_all((0..8).map(|_| raise(world, "same", &event))).await;
    assert_eq!(raised.iter().filter(|is_new| **is_new).count(), 1);
    assert_eq!(told(world, &event).await, SUBSCRIBERS.len());
}

async fn a_key_is_taken_once_and_tells_nobody(world: &Repositories) {
    let event = found(world).await;
    let take = async |key| world.alerts.take(key, CREATED_AT).await.expect("a key can be taken");
    assert!(take("round:1").await);
    assert!(!take("round:1").await);
    assert!(take("round:2").await);
    assert!(!raise(world, "round:2", &event).await);
    assert_eq!(told(world, &event).await, 0);
}

async fn what_is_forgotten_can_be_raised_again(world: &Repositories) {
    let (early, late) = (found(world).await, found(world).await);
    let late = DomainEvent { occurred_at: CREATED_AT + 1.hour(), ..late };
    assert!(raise(world, "early", &early).await && raise(world, "late", &late).await);
    let forget = async || world.alerts.forget(CREATED_AT + 1.hour()).await.expect("alerts can be forgotten");
    assert_eq!(forget().await, 1);
    assert_eq!(forget().await, 0);
    assert!(raise(world, "early", &early).await);
    assert!(!raise(world, "late", &late).await);
}
