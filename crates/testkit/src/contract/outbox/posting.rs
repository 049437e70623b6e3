//! Queues of those of whom the repositories do not know.

use adstead_domain::port::{OutboxSelection, Settlement};

use super::{FIRST, claim_for, dead, happened, list, minute, of, postponed, settle};
use crate::contract::Repositories;

pub(super) async fn what_is_posted_comes_to_its_subscriber_once(world: &Repositories) {
    let events = happened(world, &[0, 1, 0]).await;
    let post = async || world.outbox.post("sub-1", &events, None).await.expect("events can be posted");
    post().await;
    post().await;
    let claimed = claim_for(world, "sub-1", 10, 1).await;
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    assert_eq!(claimed.events(), ids);
    assert_eq!(claim_for(world, FIRST, 10, 1).await.messages.len(), 3, "others keep what they have");
}

pub(super) async fn what_is_posted_for_later_waits(world: &Repositories) {
    let events = happened(world, &[0]).await;
    world.outbox.post("sub-1", &events, Some(minute(5))).await.expect("events can be posted");
    assert_eq!(claim_for(world, "sub-1", 10, 4).await.messages.len(), 0);
    assert_eq!(claim_for(world, "sub-1", 10, 5).await.messages.len(), 1);
}

pub(super) async fn those_with_something_due_are_told_first_come_first(world: &Repositories) {
    let events = happened(world, &[0, 1, 2]).await;
    for (name, event, due) in
        [("sub-b", 0, 3), ("sub-a", 1, 5), ("sub-c", 2, 4), ("sub-b", 1, 6), ("sup-d", 1, 1)]
    {
        world
            .outbox
            .post(name, &events[event..=event], Some(minute(due)))
            .await
            .expect("events can be posted");
    }
    let due = async |most, at| world.outbox.due("sub-", most, minute(at)).await.expect("an answer");
    assert_eq!(due(10, 2).await, Vec::<String>::new());
    assert_eq!(due(10, 4).await, ["sub-b", "sub-c"]);
    assert_eq!(due(2, 9).await, ["sub-b", "sub-c"]);
    assert_eq!(due(10, 9).await, ["sub-b", "sub-c", "sub-a"]);
    let claimed = claim_for(world, "sub-c", 10, 9).await;
    assert_eq!(due(10, 9).await, ["sub-b", "sub-a"], "what somebody is delivering is not due");
    settle(world, &claimed, 9, |_| dead()).await;
    assert_eq!(due(10, 9).await, ["sub-b", "sub-a"], "nor is what is dead");
    let all = OutboxSelection { subscriber: Some("sub-c".to_owned()), ..of(FIRST) };
    assert_eq!(list(world, &all).await.len(), 1);
}

pub(super) async fn who_waits_for_an_earlier_message_has_nothing_due(world: &Repositories) {
    let events = happened(world, &[0, 0, 1]).await;
    let post = async |name: &str, event: usize| {
        world.outbox.post(name, &events[event..=event], None).await.expect("events can be posted");
    };
    post("sub-1", 0).await;
    let claimed = claim_for(world, "sub-1", 10, 1).await;
    settle(world, &claimed, 1, |_| postponed(20)).await;
    post("sub-1", 1).await;
    let due = async |at| world.outbox.due("sub-", 10, minute(at)).await.expect("an answer");
    assert_eq!(due(2).await, [""; 0], "nothing can be claimed");
    post("sub-1", 2).await;
    assert_eq!(due(2).await, ["sub-1"], "what is about something else can");
    let claimed = claim_for(world, "sub-1", 10, 2).await;
    assert_eq!(claimed.messages.len(), 1);
    settle(world, &claimed, 2, |_| Settlement::Delivered).await;
    assert_eq!(due(2).await, [""; 0]);
    assert_eq!(due(20).await, ["sub-1"]);
}
