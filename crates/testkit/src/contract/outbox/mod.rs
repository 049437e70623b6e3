//! The contract of [`Outbox`](adstead_domain::port::Outbox), and of the repositories that put events into it.

mod operator;
mod posting;

use std::collections::{BTreeMap, BTreeSet};

use adstead_domain::port::{Interest, MessageClaim, OutboxEntry, OutboxMessage, OutboxSelection, Settlement};
use adstead_domain::{
    Ad, AdChange, AdGroupChange, AssetChange, CampaignChange, ClaimId, Currency, Decision, DomainEvent,
    DomainEventId, Occurrence, Review, User,
};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use operator::{
    a_list_has_what_is_selected_and_goes_on_after_an_entry, a_purge_removes_what_is_selected,
    a_purge_touches_nothing_that_is_claimed, a_retry_makes_dead_and_postponed_messages_due,
    a_retry_touches_nothing_that_is_claimed_or_was_never_tried,
};
use posting::{
    those_with_something_due_are_told_first_come_first, what_is_posted_comes_to_its_subscriber_once,
    what_is_posted_for_later_waits, who_waits_for_an_earlier_message_has_nothing_due,
};
use uuid::Uuid;

use super::{Case, Repositories};
use crate::build::{self, CREATED_AT};
use crate::cases;

/// For whom the repositories that are put to the test keep events.
pub const SUBSCRIBERS: [&str; 2] = ["first", "second"];

/// One more of these, who wants to be told of conversions and of nothing else.
pub const OF_CONVERSIONS: &str = "of-conversions";

/// What all of these want to be told of.
pub fn interests() -> Vec<Interest> {
    let everything = SUBSCRIBERS.map(|name| Interest::new(name, |_| true));
    let conversions = Interest::new(OF_CONVERSIONS, |name| name.subject() == "conversion");
    everything.into_iter().chain([conversions]).collect()
}

/// What every `Outbox` must do.
pub const CASES: &[Case<Repositories>] = cases![
    every_event_comes_to_each_subscriber_as_it_was_stored,
    a_subscriber_of_whom_nobody_knows_gets_nothing,
    nobody_is_told_of_what_they_do_not_want,
    a_claimed_message_is_nobody_elses_until_the_claim_ends,
    a_claim_takes_no_more_than_asked_for,
    messages_come_in_the_order_in_which_they_were_stored,
    a_message_waits_for_an_earlier_one_of_its_subject_that_is_claimed,
    a_postponed_message_holds_up_its_subject_and_nothing_else,
    a_postponed_message_comes_again_at_its_time,
    a_dead_message_holds_up_nothing,
    a_subject_that_has_to_wait_hides_no_other,
    whatever_happened_to_messages_before_all_are_claimed_in_small_claims,
    subscribers_do_not_hold_up_each_other,
    of_concurrent_claims_each_message_has_one,
    concurrent_carriers_keep_the_order_of_each_subject,
    a_delivered_message_is_gone,
    a_message_that_was_left_is_due_at_once_with_no_attempt,
    what_is_not_the_claims_is_not_settled,
    a_list_has_what_is_selected_and_goes_on_after_an_entry,
    a_retry_makes_dead_and_postponed_messages_due,
    a_retry_touches_nothing_that_is_claimed_or_was_never_tried,
    a_purge_removes_what_is_selected,
    a_purge_touches_nothing_that_is_claimed,
    what_is_posted_comes_to_its_subscriber_once,
    what_is_posted_for_later_waits,
    those_with_something_due_are_told_first_come_first,
    who_waits_for_an_earlier_message_has_nothing_due,
];

const FIRST: &str = SUBSCRIBERS[0];
const SECOND: &str = SUBSCRIBERS[1];

/// So many minutes after everything was made.
fn minute(minutes: i64) -> Timestamp {
    CREATED_AT + SignedDuration::from_mins(minutes)
}

/// Stores events, with a campaign of the user.
async fn tell(world: &Repositories, user: &User, events: &[DomainEvent]) {
    world.campaigns.insert(&build::campaign(user), events).await.expect("a campaign can be stored");
}

/// Events of the user's ads: one for each of the numbers, which name the ads.
async fn happened(world: &Repositories, ads: &[usize]) -> Vec<DomainEvent> {
    let user = world.newcomer().await;
    let campaign = build::campaign(&user);
    let group = build::ad_group(&campaign);
    let mut known: BTreeMap<usize, Ad> = BTreeMap::new();
    let mut event = |number: &usize| {
        let ad = known.entry(*number).or_insert_with(|| build::ad(&group, &campaign));
        build::told(&user, ad.occurrence(AdChange::Edited))
    };
    let events: Vec<_> = ads.iter().map(&mut event).collect();
    tell(world, &user, &events).await;
    events
}

/// A claim of messages, and what it got.
struct Claimed {
    claim: MessageClaim,
    messages: Vec<OutboxMessage>,
}

impl Claimed {
    fn events(&self) -> Vec<DomainEventId> {
        self.messages.iter().map(|message| message.event.id).collect()
    }

    fn attempts(&self) -> Vec<u32> {
        self.messages.iter().map(|message| message.attempts).collect()
    }
}

/// Claims up to `most` messages in that minute, for ten of them.
async fn claim_for(world: &Repositories, subscriber: &str, most: u32, at: i64) -> Claimed {
    let claim = MessageClaim {
        id: ClaimId::new(build::id()),
        subscriber: subscriber.to_owned(),
        ends_at: minute(at + 10),
    };
    let messages = world.outbox.claim(&claim, most, minute(at)).await;
    Claimed { claim, messages: messages.expect("messages can be claimed") }
}

async fn claim(world: &Repositories, at: i64) -> Claimed {
    claim_for(world, FIRST, 1_000, at).await
}

async fn settle(world: &Repositories, claimed: &Claimed, at: i64, settlement: impl Fn(usize) -> Settlement) {
    let settlements: Vec<_> =
        claimed.messages.iter().enumerate().map(|(index, it)| (it.id, settlement(index))).collect();
    world.outbox.settle(&claimed.claim, &settlements, minute(at)).await.expect("messages can be settled");
}

fn postponed(until: i64) -> Settlement {
    Settlement::Postponed { until: minute(until), failure: "nobody is at home".to_owned() }
}

fn dead() -> Settlement {
    Settlement::Dead { failure: "they have moved".to_owned() }
}

async fn list(world: &Repositories, selection: &OutboxSelection) -> Vec<OutboxEntry> {
    world.outbox.list(selection, None, 1_000).await.expect("messages can be listed")
}

fn of(subscriber: &str) -> OutboxSelection {
    OutboxSelection { subscriber: Some(subscriber.to_owned()), ..OutboxSelection::default() }
}

fn ids(events: &[DomainEvent]) -> Vec<DomainEventId> {
    events.iter().map(|event| event.id).collect()
}

/// The events that the first subscriber is to be told, in their order.
async fn waiting(world: &Repositories) -> Vec<DomainEventId> {
    list(world, &of(FIRST)).await.iter().map(|entry| entry.event_id).collect()
}

/// Asserts that `write` keeps the events that it is given for each subscriber.
pub(super) async fn assert_kept<T>(
    world: &Repositories,
    user: &User,
    write: impl AsyncFnOnce(&[DomainEvent]) -> T,
) -> T {
    let event = || build::told(user, build::campaign(user).occurrence(CampaignChange::Edited));
    let events = [event(), event()];
    let before = waiting(world).await;
    let done = write(&events).await;
    let expected = [before, ids(&events)].concat();
    for subscriber in SUBSCRIBERS {
        let entries = list(world, &of(subscriber)).await;
        let kept: Vec<_> = entries.iter().map(|entry| entry.event_id).collect();
        assert_eq!(kept, expected, "for {subscriber}");
    }
    done
}

/// Asserts that `write`, which is to fail or to find nothing, keeps no event.
pub(super) async fn assert_dropped<T>(
    world: &Repositories,
    user: &User,
    write: impl AsyncFnOnce(&[DomainEvent]) -> T,
) -> T {
    let events = [build::told(user, build::campaign(user).occurrence(CampaignChange::Edited))];
    let before = waiting(world).await;
    let done = write(&events).await;
    assert_eq!(waiting(world).await, before);
    done
}

async fn every_event_comes_to_each_subscriber_as_it_was_stored(world: &Repositories) {
    let user = world.newcomer().await;
    let campaign = build::campaign(&user);
    let group = build::ad_group(&campaign);
    let mut ad = build::ad(&group, &campaign);
    let run = build::optimization_run(&ad);
    let (asset, generation) = (build::asset(&user), build::generation(&user));
    let mut occurrences: Vec<Occurrence> = Vec::new();
    occurrences.extend(CampaignChange::ALL.iter().map(|change| campaign.occurrence(*change)));
    occurrences.extend(AdGroupChange::ALL.iter().map(|change| group.occurrence(*change)));
    occurrences.extend(AdChange::ALL.iter().map(|change| ad.occurrence(*change)));
    occurrences.extend(AssetChange::ALL.iter().map(|change| asset.occurrence(*change)));
    occurrences.extend([generation.occurrence(), run.occurrence()]);
    occurrences.extend(
        [build::conversion(&ad, 0), build::conversion(&ad, 9)]
            .iter()
            .flat_map(|event| event.conversion(Some(Currency::USD))),
    );
    for notes in super::samples::texts() {
        let notes = Some(build::parsed(&notes));
        ad.reviews.push(Review { reviewer: user.id, decision: Decision::Rejected, notes, at: CREATED_AT });
        occurrences.push(ad.occurrence(AdChange::Rejected));
    }
    let events: Vec<_> = occurrences.into_iter().map(|occurrence| build::told(&user, occurrence)).collect();
    tell(world, &user, &events).await;
    for subscriber in SUBSCRIBERS {
        let claimed = claim_for(world, subscriber, 1_000, 0).await;
        let told: Vec<_> = claimed.messages.into_iter().map(|message| message.event).collect();
        assert_eq!(told, events, "{subscriber}");
    }
}

async fn a_subscriber_of_whom_nobody_knows_gets_nothing(world: &Repositories) {
    happened(world, &[0]).await;
    assert_eq!(claim_for(world, "third", 10, 0).await.events(), []);
}

async fn nobody_is_told_of_what_they_do_not_want(world: &Repositories) {
    happened(world, &[0, 1]).await;
    let theirs =
        OutboxSelection { subscriber: Some(OF_CONVERSIONS.to_owned()), ..OutboxSelection::default() };
    assert_eq!(world.outbox.list(&theirs, None, 10).await.expect("messages can be listed"), []);
}

async fn a_claimed_message_is_nobody_elses_until_the_claim_ends(world: &Repositories) {
    let events = happened(world, &[0, 1]).await;
    let first = claim(world, 0).await;
    assert_eq!((first.events(), first.attempts()), (ids(&events), vec![1, 1]));
    for at in [0, 9] {
        assert_eq!(claim(world, at).await.events(), [], "in minute {at}");
    }
    let second = claim(world, 10).await;
    assert_eq!((second.events(), second.attempts()), (ids(&events), vec![2, 2]));
}

async fn a_claim_takes_no_more_than_asked_for(world: &Repositories) {
    let events = ids(&happened(world, &[0, 1, 2, 3, 4]).await);
    assert_eq!(claim_for(world, FIRST, 0, 0).await.events(), []);
    assert_eq!(claim_for(world, FIRST, 2, 0).await.events(), events[..2]);
    assert_eq!(claim_for(world, FIRST, 2, 0).await.events(), events[2..4]);
    assert_eq!(claim_for(world, FIRST, 2, 0).await.events(), events[4..]);
}

async fn messages_come_in_the_order_in_which_they_were_stored(world: &Repositories) {
    let mut events = happened(world, &[0, 1, 0, 2, 1, 0]).await;
    events.extend(happened(world, &[0, 0]).await);
    let claimed = claim(world, 0).await;
    assert_eq!(claimed.events(), ids(&events));
    assert!(claimed.messages.is_sorted_by(|one, next| one.id < next.id));
}

async fn a_message_waits_for_an_earlier_one_of_its_subject_that_is_claimed(world: &Repositories) {
    let events = ids(&happened(world, &[0, 0, 1, 0]).await);
    let first = claim_for(world, FIRST, 1, 0).await;
    assert_eq!(first.events(), events[..1]);
    let second = claim(world, 1).await;
    assert_eq!(second.events(), [events[2]], "the second and the fourth wait for the first");
    settle(world, &first, 2, |_| Settlement::Delivered).await;
    assert_eq!(claim(world, 2).await.events(), [events[1], events[3]]);
}

async fn a_postponed_message_holds_up_its_subject_and_nothing_else(world: &Repositories) {
    let events = ids(&happened(world, &[0, 0, 1]).await);
    let claimed = claim(world, 0).await;
    settle(world, &claimed, 0, |index| if index == 0 { postponed(60) } else { Settlement::Left }).await;
    assert_eq!(claim(world, 0).await.events(), events[2..]);
    assert_eq!(claim(world, 60).await.events(), events, "its time has come, and the other claim is over");
}

async fn a_postponed_message_comes_again_at_its_time(world: &Repositories) {
    happened(world, &[0]).await;
    let claimed = claim(world, 0).await;
    settle(world, &claimed, 0, |_| postponed(5)).await;
    assert_eq!(claim(world, 4).await.events(), []);
    assert_eq!(claim(world, 5).await.attempts(), [2]);
}

async fn a_dead_message_holds_up_nothing(world: &Repositories) {
    let events = ids(&happened(world, &[0, 0]).await);
    let first = claim_for(world, FIRST, 1, 0).await;
    settle(world, &first, 0, |_| dead()).await;
    assert_eq!(claim(world, 0).await.events(), events[1..]);
    assert_eq!(claim(world, 10_000).await.events(), events[1..], "nobody tries it again");
}

async fn a_subject_that_has_to_wait_hides_no_other(world: &Repositories) {
    let ads = [vec![0; 50], vec![1]].concat();
    let events = ids(&happened(world, &ads).await);
    let first = claim_for(world, FIRST, 1, 0).await;
    settle(world, &first, 0, |_| postponed(60)).await;
    assert_eq!(claim_for(world, FIRST, 10, 0).await.events(), events[50..]);
}

/// Forty messages of ten subjects, the first ten of which were claimed before.
async fn whatever_happened_to_messages_before_all_are_claimed_in_small_claims(world: &Repositories) {
    let lapsed = |_: usize| None;
    let left = |_: usize| Some(Settlement::Left);
    let some_postponed = |index: usize| Some(if index < 5 { postponed(30) } else { Settlement::Left });
    let some_retried = |index: usize| Some(if index < 5 { postponed(10_000) } else { Settlement::Left });
    let befores: [&dyn Fn(usize) -> Option<Settlement>; 4] = [&lapsed, &left, &some_postponed, &some_retried];
    for (number, before) in befores.into_iter().enumerate() {
        let ads: Vec<_> = (0..40).map(|number| number % 10).collect();
        let events = happened(world, &ads).await;
        let first = claim_for(world, FIRST, 10, 0).await;
        if before(0).is_some() {
            settle(world, &first, 1, |index| before(index).expect("all are settled")).await;
        }
        if number == 3 {
            world.outbox.retry(&of(FIRST), minute(2)).await.expect("messages can be retried");
        }
        let mut told = Vec::new();
        for _ in 0..40 {
            let claimed = claim_for(world, FIRST, 7, 40).await;
            told.extend(claimed.events());
            settle(world, &claimed, 40, |_| Settlement::Delivered).await;
        }
        assert_eq!(told.len(), events.len(), "case {number}");
        for event in &events {
            let is_of_subject =
                |other: &&DomainEvent| other.occurrence.subject() == event.occurrence.subject();
            let its: Vec<_> = events.iter().filter(is_of_subject).map(|event| event.id).collect();
            let in_order: Vec<_> = told.iter().copied().filter(|id| its.contains(id)).collect();
            assert_eq!(in_order, its, "case {number}");
        }
    }
}

async fn subscribers_do_not_hold_up_each_other(world: &Repositories) {
    let events = ids(&happened(world, &[0, 0]).await);
    let first = claim_for(world, FIRST, 1, 0).await;
    settle(world, &first, 0, |_| postponed(60)).await;
    let second = claim_for(world, SECOND, 10, 0).await;
    assert_eq!((second.events(), second.attempts()), (events, vec![1, 1]));
}

async fn of_concurrent_claims_each_message_has_one(world: &Repositories) {
    let ads: Vec<_> = (0..40).collect();
    let events: BTreeSet<_> = ids(&happened(world, &ads).await).into_iter().collect();
    let mut claimed = Vec::new();
    // Who is claiming at the same moment may hide messages, but not for long.
    while claimed.len() < events.len() {
        let claims = join_all((0..8).map(|_| claim_for(world, FIRST, 5, 0))).await;
        claimed.extend(claims.iter().flat_map(Claimed::events));
        if claims.iter().all(|claimed| claimed.messages.is_empty()) {
            break;
        }
    }
    assert_eq!(claimed.len(), events.len(), "each was claimed once");
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), events);
}

async fn concurrent_carriers_keep_the_order_of_each_subject(world: &Repositories) {
    let ads: Vec<_> = (0..60).map(|number| number % 3).collect();
    let events = happened(world, &ads).await;
    let told = std::sync::Mutex::new(Vec::new());
    let carrier = async || {
        loop {
            let claimed = claim_for(world, FIRST, 4, 0).await;
            if claimed.messages.is_empty() && waiting(world).await.is_empty() {
                return;
            }
            told.lock().expect("nobody panics").extend(claimed.events());
            settle(world, &claimed, 0, |_| Settlement::Delivered).await;
        }
    };
    join_all((0..4).map(|_| carrier())).await;
    let told = told.into_inner().expect("nobody panics");
    assert_eq!(told.len(), events.len(), "each was told once");
    let subjects: BTreeSet<Uuid> = events.iter().map(|event| event.occurrence.subject()).collect();
    for subject in subjects {
        let its: Vec<_> = events.iter().filter(|event| event.occurrence.subject() == subject).collect();
        let its: Vec<_> = its.iter().map(|event| event.id).collect();
        let told: Vec<_> = told.iter().copied().filter(|id| its.contains(id)).collect();
        assert_eq!(told, its);
    }
}

async fn a_delivered_message_is_gone(world: &Repositories) {
    let events = ids(&happened(world, &[0, 1, 2]).await);
    let claimed = claim(world, 0).await;
    settle(world, &claimed, 0, |index| if index == 1 { Settlement::Left } else { Settlement::Delivered })
        .await;
    assert_eq!(waiting(world).await, [events[1]]);
    assert_eq!(list(world, &of(SECOND)).await.len(), 3, "the other has not been told");
    assert_eq!(claim(world, 100).await.events(), [events[1]]);
}

async fn a_message_that_was_left_is_due_at_once_with_no_attempt(world: &Repositories) {
    happened(world, &[0]).await;
    for _ in 0..3 {
        let claimed = claim(world, 0).await;
        assert_eq!(claimed.attempts(), [1]);
        settle(world, &claimed, 0, |_| Settlement::Left).await;
    }
}

async fn what_is_not_the_claims_is_not_settled(world: &Repositories) {
    let events = ids(&happened(world, &[0, 1]).await);
    let late = claim(world, 0).await;
    let next = claim(world, 10).await;
    assert_eq!(next.events(), events);
    for settlement in [Settlement::Delivered, postponed(10), dead(), Settlement::Left] {
        settle(world, &late, 11, |_| settlement.clone()).await;
        assert_eq!(claim(world, 11).await.events(), [], "after {settlement:?}");
    }
    settle(world, &next, 12, |_| Settlement::Delivered).await;
    settle(world, &next, 12, |_| dead()).await;
    assert_eq!(waiting(world).await, []);
}
