use std::time::Duration;

use adstead_application::idempotency::{AnswerOnce, Claimed, Outcome, PurgeIdempotencyKeys};
use adstead_domain::port::{Claim, KeptAnswer, KeyState};
use adstead_domain::{IdempotencyKey, Sha256Digest};
use adstead_testkit::build;
use jiff::SignedDuration;

use crate::desk::Desk;

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn answer_once(desk: &Desk) -> AnswerOnce {
    let keys = desk.world.idempotency_keys.clone();
    AnswerOnce { keys, clock: desk.clock(), ids: desk.ids(), kept_for: DAY }
}

fn key(text: &str) -> IdempotencyKey {
    build::parsed(text)
}

fn answer() -> KeptAnswer {
    KeptAnswer { fingerprint: Sha256Digest::of(b"request"), content: "answer".into() }
}

fn after(desk: &Desk, time: Duration) {
    desk.clock.advance(SignedDuration::try_from(time).unwrap());
}

async fn claim(calls: &AnswerOnce, desk: &Desk) -> Result<Claim, KeyState> {
    match calls.claim(&desk.actor, key("call-1")).await.unwrap() {
        Claimed::Yours(claim) => Ok(claim),
        Claimed::Before(state) => Err(state),
    }
}

#[tokio::test]
async fn a_call_that_is_done_is_answered_again_for_as_long_as_keys_are_kept() {
    let desk = Desk::new().await;
    let calls = answer_once(&desk);
    let first = claim(&calls, &desk).await.unwrap();
    assert_eq!(claim(&calls, &desk).await, Err(KeyState::Running));
    after(&desk, Duration::from_secs(30));
    calls.settle(&first, &Outcome::Done(answer())).await.unwrap();
    after(&desk, DAY - Duration::from_secs(1));
    assert_eq!(claim(&calls, &desk).await, Err(KeyState::Answered(answer())));
    let state = calls.state(&desk.actor, &key("call-1")).await.unwrap();
    assert_eq!(state, Some(KeyState::Answered(answer())));
    after(&desk, Duration::from_secs(1));
    assert!(claim(&calls, &desk).await.is_ok());
}

#[tokio::test]
async fn a_call_that_did_nothing_gives_its_key_back_and_one_of_unknown_outcome_does_not() {
    let desk = Desk::new().await;
    let calls = answer_once(&desk);
    let first = claim(&calls, &desk).await.unwrap();
    calls.settle(&first, &Outcome::NothingDone).await.unwrap();
    let second = claim(&calls, &desk).await.unwrap();
    calls.settle(&second, &Outcome::Unknown).await.unwrap();
    after(&desk, DAY - Duration::from_secs(1));
    assert_eq!(claim(&calls, &desk).await, Err(KeyState::Unknown));
}

#[tokio::test]
async fn a_call_runs_for_as_long_as_its_holder_says_so() {
    let desk = Desk::new().await;
    let calls = answer_once(&desk);
    let first = claim(&calls, &desk).await.unwrap();
    for _ in 0..10_000 {
        after(&desk, AnswerOnce::RENEWAL);
        calls.extend(&first).await.unwrap();
    }
    after(&desk, AnswerOnce::LEASE - Duration::from_secs(1));
    assert_eq!(claim(&calls, &desk).await, Err(KeyState::Running));
    after(&desk, Duration::from_secs(1));
    assert_eq!(claim(&calls, &desk).await, Err(KeyState::Unknown));
}

#[tokio::test]
async fn all_keys_whose_time_is_over_are_purged() {
    let desk = Desk::new().await;
    let calls = answer_once(&desk);
    for number in 0..1_100 {
        calls.claim(&desk.actor, key(&format!("call-{number}"))).await.unwrap();
    }
    let purge = PurgeIdempotencyKeys { keys: desk.world.idempotency_keys.clone(), clock: desk.clock() };
    after(&desk, DAY - Duration::from_secs(1));
    calls.claim(&desk.actor, key("late")).await.unwrap();
    assert_eq!(purge.execute().await.unwrap(), 0);
    after(&desk, Duration::from_secs(1));
    assert_eq!(purge.execute().await.unwrap(), 1_100);
    assert_eq!(calls.state(&desk.actor, &key("late")).await.unwrap(), Some(KeyState::Running));
}
