//! What the operator sees of messages, and decides on them.

use std::collections::BTreeSet;

use adstead_domain::MessageId;
use adstead_domain::port::{MessageState, OutboxEntry, OutboxSelection};

use super::{FIRST, SECOND, claim_for, dead, happened, list, minute, of, postponed, settle};
use crate::build::CREATED_AT;
use crate::contract::Repositories;

/// Four messages of the first subscriber: postponed, dead, claimed, and never tried.
async fn one_of_each(world: &Repositories) -> Vec<OutboxEntry> {
    happened(world, &[0, 1, 2, 3]).await;
    let tried = claim_for(world, FIRST, 2, 0).await;
    settle(world, &tried, 0, |index| if index == 0 { postponed(60) } else { dead() }).await;
    assert_eq!(claim_for(world, FIRST, 1, 0).await.messages.len(), 1);
    list(world, &of(FIRST)).await
}

pub(super) async fn a_list_has_what_is_selected_and_goes_on_after_an_entry(world: &Repositories) {
    let entries = one_of_each(world).await;
    let expected = [
        (1, Some(minute(60)), Some("nobody is at home")),
        (1, None, Some("they have moved")),
        (1, Some(minute(10)), None),
        (0, Some(minute(0)), None),
    ];
    let seen: Vec<_> = entries.iter().map(|it| (it.attempts, it.due_at, it.failure.as_deref())).collect();
    assert_eq!(seen, expected);
    assert!(entries.iter().all(|it| (it.name.as_str(), it.occurred_at) == ("ad.edited", CREATED_AT)));
    assert_eq!(list(world, &OutboxSelection::default()).await.len(), 8, "of both subscribers");
    let of_state = |state| OutboxSelection { state: Some(state), ..of(FIRST) };
    assert_eq!(list(world, &of_state(MessageState::Dead)).await, entries[1..2]);
    assert_eq!(list(world, &of_state(MessageState::Waiting)).await.len(), 3);
    let named =
        OutboxSelection { ids: Some(vec![entries[3].id, entries[0].id]), ..OutboxSelection::default() };
    assert_eq!(list(world, &named).await, [entries[0].clone(), entries[3].clone()]);
    let page = async |after: Option<MessageId>| {
        world.outbox.list(&of(FIRST), after, 3).await.expect("messages can be listed")
    };
    assert_eq!(page(None).await, entries[..3]);
    assert_eq!(page(Some(entries[2].id)).await, entries[3..]);
    assert_eq!(page(Some(entries[3].id)).await, []);
}

pub(super) async fn a_retry_makes_dead_and_postponed_messages_due(world: &Repositories) {
    let entries = one_of_each(world).await;
    let retried = world.outbox.retry(&of(FIRST), minute(1)).await.expect("messages can be retried");
    assert_eq!(retried, 2);
    let claimed = claim_for(world, FIRST, 2, 1).await;
    // The one that was never tried has been due for longer.
    let next = claim_for(world, FIRST, 2, 1).await;
    let all: BTreeSet<_> = claimed.events().into_iter().chain(next.events()).collect();
    assert_eq!(all, [0, 1, 3].map(|index: usize| entries[index].event_id).into());
    assert_eq!([claimed.attempts(), next.attempts()].concat(), [1, 1, 1]);
}

pub(super) async fn a_retry_touches_nothing_that_is_claimed_or_was_never_tried(world: &Repositories) {
    let entries = one_of_each(world).await;
    let others =
        OutboxSelection { ids: Some(vec![entries[2].id, entries[3].id]), ..OutboxSelection::default() };
    assert_eq!(world.outbox.retry(&others, minute(1)).await.expect("messages can be retried"), 0);
    assert_eq!(list(world, &of(FIRST)).await, entries);
    let dead = OutboxSelection { state: Some(MessageState::Dead), ..OutboxSelection::default() };
    assert_eq!(world.outbox.retry(&dead, minute(1)).await.expect("messages can be retried"), 1);
    assert_eq!(
        world.outbox.retry(&of(FIRST), minute(10)).await.expect("messages can be retried"),
        2,
        "the claim is over"
    );
}

pub(super) async fn a_purge_removes_what_is_selected(world: &Repositories) {
    let entries = one_of_each(world).await;
    let dead = OutboxSelection { state: Some(MessageState::Dead), ..of(FIRST) };
    assert_eq!(world.outbox.purge(&dead, minute(1)).await.expect("messages can be purged"), 1);
    let left: Vec<_> = list(world, &of(FIRST)).await.iter().map(|entry| entry.id).collect();
    assert_eq!(left, [entries[0].id, entries[2].id, entries[3].id]);
    assert_eq!(world.outbox.purge(&of(SECOND), minute(1)).await.expect("messages can be purged"), 4);
    assert_eq!(list(world, &of(SECOND)).await, []);
}

pub(super) async fn a_purge_touches_nothing_that_is_claimed(world: &Repositories) {
    let entries = one_of_each(world).await;
    assert_eq!(world.outbox.purge(&of(FIRST), minute(1)).await.expect("messages can be purged"), 3);
    assert_eq!(list(world, &of(FIRST)).await, entries[2..3]);
    assert_eq!(
        world.outbox.purge(&of(FIRST), minute(10)).await.expect("messages can be purged"),
        1,
        "the claim is over"
    );
}
