//! What happens to events between a use case and whoever is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use adstead_application::ads::{EditAd, StepAd};
use adstead_application::outbox::{DeliverEvents, Delivered, NextRound};
use adstead_domain::port::{
    DELIVERY_PATIENCE, EventSubscriber, MessageState, OutboxEntry, OutboxSelection, PortError, PortErrorKind,
    ServiceRefusal,
};
use adstead_domain::{Ad, AdEdit, AdId, AdStep, DomainEvent, Redelivery};
use adstead_testkit::TestClock;
use adstead_testkit::contract::outbox::SUBSCRIBERS;
use adstead_testkit::memory::MemorySubscriber;
use async_trait::async_trait;
use jiff::SignedDuration;

use crate::desk::Desk;

const SECOND: Duration = Duration::from_secs(1);

/// A desk, and somebody who is told of what happens there.
struct Told {
    desk: Desk,
    subscriber: Arc<MemorySubscriber>,
    deliver: DeliverEvents,
}

impl Told {
    async fn new() -> Self {
        let desk = Desk::new().await;
        let subscriber = Arc::new(MemorySubscriber::new(SUBSCRIBERS[0]));
        let deliver = delivering(&desk, subscriber.clone());
        Self { desk, subscriber, deliver }
    }

    async fn round(&self) -> Delivered {
        self.deliver.execute().await.unwrap()
    }

    fn wait(&self, seconds: i64) {
        self.desk.clock.advance(SignedDuration::from_secs(seconds));
    }

    fn names(&self) -> Vec<String> {
        self.subscriber.told().iter().map(|event| event.occurrence.name().to_string()).collect()
    }

    /// An ad that was edited and submitted by use cases.
    async fn submitted_ad(&self) -> Ad {
        let desk = &self.desk;
        let campaign = desk.campaign().await;
        let group = desk.ad_group(&campaign).await;
        let ad = adstead_testkit::build::ad(&group, &campaign);
        desk.world.ads.insert_all(std::slice::from_ref(&ad), &[]).await.unwrap();
        let (ads, clock, ids) = (desk.world.ads.clone(), desk.clock(), desk.ids());
        let edit = EditAd { ads, assets: desk.world.assets.clone(), clock, ids };
        edit.execute(&desk.actor, ad.id, AdEdit::default(), None).await.unwrap();
        step(desk).execute(&desk.actor, ad.id, AdStep::Submit, None).await.unwrap()
    }
}

fn delivering(desk: &Desk, subscriber: Arc<dyn EventSubscriber>) -> DeliverEvents {
    DeliverEvents {
        outbox: desk.world.outbox.clone(),
        subscriber,
        clock: desk.clock(),
        ids: desk.ids(),
        redelivery: Redelivery::new(SECOND, 60 * SECOND, 3).unwrap(),
        at_once: DeliverEvents::AT_ONCE,
        undeliverable: None,
        is_stopping: Arc::default(),
        was_out_of_reach: AtomicBool::new(false),
    }
}

fn step(desk: &Desk) -> StepAd {
    StepAd {
        accounts: desk.world.accounts.clone(),
        campaigns: desk.world.campaigns.clone(),
        groups: desk.world.ad_groups.clone(),
        ads: desk.world.ads.clone(),
        analytics: desk.world.analytics.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
    }
}

async fn dead_letters(desk: &Desk) -> Vec<OutboxEntry> {
    let dead = OutboxSelection { state: Some(MessageState::Dead), ..OutboxSelection::default() };
    desk.world.outbox.list(&dead, None, 100).await.unwrap()
}

fn failure(kind: PortErrorKind) -> PortError {
    PortError::new(kind, "subscriber.deliver").with_source("nobody\nis at home")
}

#[tokio::test]
async fn a_subscriber_is_told_once_of_what_use_cases_did_in_its_order() {
    let told = Told::new().await;
    let ad = told.submitted_ad().await;
    assert_eq!(told.round().await, Delivered { delivered: 2, ..Delivered::default() });
    assert_eq!(told.names(), ["ad.edited", "ad.submitted"]);
    let event = &told.subscriber.told()[1];
    assert_eq!((event.account_id, event.actor), (ad.account_id, Some(told.desk.user.id)));
    assert_eq!((event.occurred_at, event.occurrence.subject()), (TestClock::START, ad.id.uuid()));
    assert_eq!(told.round().await, Delivered::default());
}

#[tokio::test]
async fn a_step_that_is_refused_tells_nobody() {
    let told = Told::new().await;
    let ad = told.submitted_ad().await;
    told.round().await;
    step(&told.desk).execute(&told.desk.actor, ad.id, AdStep::Submit, None).await.unwrap_err();
    assert_eq!(told.round().await, Delivered::default());
}

#[tokio::test]
async fn a_failed_delivery_is_tried_again_ever_more_rarely_before_what_came_after_it() {
    let told = Told::new().await;
    told.submitted_ad().await;
    for _ in 0..2 {
        told.subscriber.fail(failure(PortErrorKind::Unexpected));
    }
    assert_eq!(told.round().await, Delivered { postponed: 1, left: 1, ..Delivered::default() });
    assert_eq!(told.round().await, Delivered::default(), "its time has not come");
    told.wait(1);
    assert_eq!(told.round().await, Delivered { postponed: 1, left: 1, ..Delivered::default() });
    told.wait(1);
    assert_eq!(told.round().await, Delivered::default(), "the second wait is longer");
    told.wait(1);
    assert_eq!(told.round().await, Delivered { delivered: 2, ..Delivered::default() });
    assert_eq!(told.names(), ["ad.edited", "ad.submitted"]);
}

#[tokio::test]
async fn after_the_last_attempt_an_event_is_a_dead_letter_with_its_error_and_holds_up_nothing() {
    let told = Told::new().await;
    told.submitted_ad().await;
    for _ in 0..3 {
        told.subscriber.fail(failure(PortErrorKind::Unexpected));
    }
    for _ in 0..2 {
        told.round().await;
        told.wait(60);
    }
    assert_eq!(told.round().await, Delivered { dead: 1, delivered: 1, ..Delivered::default() });
    assert_eq!(told.names(), ["ad.submitted"]);
    let dead = dead_letters(&told.desk).await;
    assert_eq!((dead.len(), dead[0].name.as_str(), dead[0].attempts), (1, "ad.edited", 3));
    let words = dead[0].failure.as_deref();
    assert_eq!(words, Some("subscriber.deliver failed: an unexpected fault: nobody is at home"));
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again() {
    let told = Told::new().await;
    told.submitted_ad().await;
    told.subscriber.fail(failure(PortErrorKind::Rejected));
    assert_eq!(told.round().await, Delivered { dead: 1, delivered: 1, ..Delivered::default() });
}

#[tokio::test]
async fn a_subscriber_that_is_out_of_reach_or_lets_nobody_in_is_not_asked_for_every_event_in_turn() {
    for kind in [PortErrorKind::Unavailable, PortErrorKind::Denied] {
        let told = Told::new().await;
        for _ in 0..30 {
            told.submitted_ad().await;
        }
        for _ in 0..60 {
            told.subscriber.fail(failure(kind));
        }
        let Delivered { delivered, postponed, left, next, .. } = told.round().await;
        assert_eq!((delivered, postponed + left, next), (0, 60, NextRound::Later), "{kind:?}");
        assert!(postponed <= 16, "no more than those that were under way: {postponed}");
        let Delivered { postponed, left, .. } = told.round().await;
        assert!(postponed + left <= 16, "a few tries tell whether it is back");
    }
}

#[tokio::test]
async fn what_nobody_was_asked_for_waits_without_an_attempt_however_long() {
    let told = Told::new().await;
    told.submitted_ad().await;
    for refusal in [ServiceRefusal::Disabled, ServiceRefusal::RateLimit, ServiceRefusal::Open] {
        for _ in 0..2 {
            told.subscriber
                .fail(PortError::new(PortErrorKind::Unavailable, "sink.tell").with_source(refusal));
            let expected = Delivered { left: 2, next: NextRound::Later, ..Delivered::default() };
            assert_eq!(told.round().await, expected, "{refusal:?}");
        }
    }
    let waiting = told.desk.world.outbox.list(&OutboxSelection::default(), None, 10).await.unwrap();
    assert!(waiting.iter().all(|entry| entry.attempts == 0), "{waiting:?}");
    assert_eq!(told.round().await, Delivered { delivered: 2, ..Delivered::default() });
}

#[tokio::test]
async fn whoever_asks_for_a_wait_gets_it() {
    let told = Told::new().await;
    told.submitted_ad().await;
    told.subscriber.fail(failure(PortErrorKind::RateLimited).with_retry_after(30 * SECOND));
    told.round().await;
    told.wait(29);
    assert_eq!(told.round().await, Delivered::default());
    told.wait(1);
    assert_eq!(told.round().await.delivered, 2);
}

/// Takes so long for each event that a claim would be over before all were delivered.
struct Slow {
    clock: Arc<TestClock>,
}

#[async_trait]
impl EventSubscriber for Slow {
    fn name(&self) -> &str {
        SUBSCRIBERS[0]
    }

    async fn deliver(&self, _: &[&DomainEvent]) -> Result<(), PortError> {
        self.clock.advance(DELIVERY_PATIENCE.try_into().unwrap());
        Ok(())
    }
}

#[tokio::test]
async fn no_delivery_begins_that_could_outlast_the_claim() {
    let told = Told::new().await;
    for _ in 0..3 {
        told.submitted_ad().await;
    }
    let slow = delivering(&told.desk, Arc::new(Slow { clock: told.desk.clock.clone() }));
    let most = (DeliverEvents::LEASE.as_secs() / DELIVERY_PATIENCE.as_secs()) as usize - 1;
    let Delivered { delivered, left, .. } = slow.execute().await.unwrap();
    assert_eq!((delivered, left), (most, 6 - most));
    assert_eq!(told.round().await.delivered, 6 - most, "what was left is due at once");
}

#[tokio::test]
async fn where_more_waits_than_one_round_takes_another_begins_at_once() {
    let told = Told::new().await;
    let most = DeliverEvents::BATCH as usize;
    for _ in 0..=most / 2 {
        told.submitted_ad().await;
    }
    let expected = Delivered { delivered: most, next: NextRound::AtOnce, ..Delivered::default() };
    assert_eq!(told.round().await, expected);
    assert_eq!(told.round().await, Delivered { delivered: 2, ..Delivered::default() });
}

/// Panics at what happened to one ad.
struct Clumsy {
    at: AdId,
    inner: Arc<MemorySubscriber>,
}

#[async_trait]
impl EventSubscriber for Clumsy {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn deliver(&self, events: &[&DomainEvent]) -> Result<(), PortError> {
        assert!(events.iter().all(|event| event.occurrence.subject() != self.at.uuid()), "a bug");
        self.inner.deliver(events).await
    }
}

#[tokio::test]
async fn a_delivery_that_panics_is_a_failure_and_others_are_settled() {
    let told = Told::new().await;
    let (first, _) = (told.submitted_ad().await, told.submitted_ad().await);
    let clumsy = Clumsy { at: first.id, inner: told.subscriber.clone() };
    let deliver = delivering(&told.desk, Arc::new(clumsy));
    let expected = Delivered { delivered: 2, postponed: 1, left: 1, ..Delivered::default() };
    assert_eq!(deliver.execute().await.unwrap(), expected);
    for _ in 0..2 {
        told.wait(60);
        deliver.execute().await.unwrap();
    }
    assert_eq!(dead_letters(&told.desk).await[0].name, "ad.edited");
}

#[tokio::test]
async fn once_it_is_time_to_stop_no_further_delivery_begins() {
    let told = Told::new().await;
    told.submitted_ad().await;
    told.deliver.is_stopping.store(true, Ordering::Relaxed);
    assert_eq!(told.round().await, Delivered { left: 2, ..Delivered::default() });
}

/// Takes any number of events at once, but none of one ad.
struct Picky {
    unwanted: AdId,
    inner: Arc<MemorySubscriber>,
    deliveries: AtomicUsize,
}

#[async_trait]
impl EventSubscriber for Picky {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn most_at_once(&self) -> usize {
        self.inner.most_at_once()
    }

    async fn deliver(&self, events: &[&DomainEvent]) -> Result<(), PortError> {
        self.deliveries.fetch_add(1, Ordering::Relaxed);
        if events.iter().any(|event| event.occurrence.subject() == self.unwanted.uuid()) {
            return Err(failure(PortErrorKind::Rejected));
        }
        self.inner.deliver(events).await
    }
}

#[tokio::test]
async fn of_events_that_are_told_together_only_those_that_are_refused_become_dead_letters() {
    let told = Told::new().await;
    let mut ads = Vec::new();
    for _ in 0..8 {
        ads.push(told.submitted_ad().await);
    }
    let inner = Arc::new(MemorySubscriber::of_batches(SUBSCRIBERS[0], 10));
    let picky = Picky { unwanted: ads[2].id, inner: inner.clone(), deliveries: AtomicUsize::new(0) };
    let picky = Arc::new(picky);
    let expected = Delivered { delivered: 14, dead: 2, ..Delivered::default() };
    assert_eq!(delivering(&told.desk, picky.clone()).execute().await.unwrap(), expected);
    let subjects: Vec<_> = inner.told().iter().map(|event| event.occurrence.subject()).collect();
    let wanted = ads.iter().filter(|ad| ad.id != ads[2].id).flat_map(|ad| [ad.id.uuid(); 2]);
    assert_eq!(subjects, wanted.collect::<Vec<_>>(), "in their order");
    let deliveries = picky.deliveries.load(Ordering::Relaxed);
    assert!(
        deliveries < 16,
        "it takes fewer tries to find those that are refused than there are: {deliveries}"
    );
}

#[tokio::test]
async fn what_is_wanted_no_more_is_dropped_untold() {
    let told = Told::new().await;
    told.submitted_ad().await;
    for (name, most) in SUBSCRIBERS.into_iter().zip([1, 10]) {
        let choosy = MemorySubscriber::of_batches(name, most);
        let choosy = Arc::new(choosy.wanting("ad.submitted".parse().unwrap()));
        let expected = Delivered { delivered: 2, ..Delivered::default() };
        assert_eq!(delivering(&told.desk, choosy.clone()).execute().await.unwrap(), expected);
        let names: Vec<_> = choosy.told().iter().map(|event| event.occurrence.name().to_string()).collect();
        assert_eq!(names, ["ad.submitted"]);
    }
}

#[tokio::test]
async fn events_that_are_told_together_wait_together() {
    let told = Told::new().await;
    for _ in 0..3 {
        told.submitted_ad().await;
    }
    let several = Arc::new(MemorySubscriber::of_batches(SUBSCRIBERS[0], 4));
    several.fail(failure(PortErrorKind::Unavailable));
    let deliver = delivering(&told.desk, several.clone());
    let expected = Delivered { postponed: 4, left: 2, next: NextRound::Later, ..Delivered::default() };
    assert_eq!(deliver.execute().await.unwrap(), expected, "what comes later does not overtake");
    told.wait(1);
    assert_eq!(deliver.execute().await.unwrap().delivered, 6);
}
