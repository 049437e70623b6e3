//! The contract of [`IdempotencyRepository`](adstead_domain::port::IdempotencyRepository).

use adstead_domain::port::{Claim, ClaimTerm, KeptAnswer, KeyState};
use adstead_domain::{AccountId, ClaimId, Sha256Digest};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::{Case, Repositories};
use crate::build::{self, parsed};
use crate::{TestClock, cases};

/// What every `IdempotencyRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    a_free_key_is_claimed_once,
    of_fifty_concurrent_claims_one_wins,
    of_concurrent_claims_to_a_key_whose_time_is_over_one_wins,
    a_claim_whose_lease_ran_out_is_unknown_and_never_given_again,
    an_extended_lease_holds,
    an_answer_comes_back_byte_by_byte,
    a_holder_whose_lease_ran_out_may_still_complete,
    a_released_key_is_free_again,
    a_marked_claim_is_unknown,
    a_key_whose_time_is_over_was_never_claimed,
    what_is_not_the_claim_is_not_touched,
    an_answered_claim_is_touched_no_more,
    accounts_have_keys_of_their_own,
    keys_that_differ_in_case_are_two_keys,
    a_purge_removes_what_is_over_and_nothing_else,
    a_purge_removes_the_oldest_first_and_no_more_than_asked_for,
];

const LEASE: i64 = 1;
const DAY: i64 = 24 * 60;

/// So many minutes after the start.
fn minute(minutes: i64) -> Timestamp {
    TestClock::START + SignedDuration::from_mins(minutes)
}

/// A claim of that minute, leased for a minute, that stands for a day.
fn term(minutes: i64) -> ClaimTerm {
    ClaimTerm { leased_until: minute(minutes + LEASE), expires_at: minute(minutes + DAY) }
}

fn claim_to(account_id: AccountId, key: &str) -> Claim {
    Claim { account_id, key: parsed(key), id: ClaimId::new(build::id()) }
}

/// Another claim to the same key.
fn rival(claim: &Claim) -> Claim {
    Claim { id: ClaimId::new(build::id()), ..claim.clone() }
}

fn answer(content: impl Into<Vec<u8>>) -> KeptAnswer {
    let content = content.into();
    KeptAnswer { fingerprint: Sha256Digest::of(&content), content: content.into() }
}

async fn new_claim(world: &Repositories) -> Claim {
    claim_to(world.account().await.id, "8e03978e-40d5-43dd-bc93-6894a57f9324")
}

async fn claim(world: &Repositories, claim: &Claim, at: i64) -> Option<KeyState> {
    let claimed = world.idempotency_keys.claim(claim, term(at), minute(at));
    claimed.await.expect("a key can be claimed")
}

/// A claim of minute 0 that was won.
async fn held(world: &Repositories) -> Claim {
    let new = new_claim(world).await;
    assert_eq!(claim(world, &new, 0).await, None);
    new
}

async fn state(world: &Repositories, claim: &Claim, at: i64) -> Option<KeyState> {
    let state = world.idempotency_keys.state(claim.account_id, &claim.key, minute(at));
    state.await.expect("a key can be looked up")
}

async fn complete(world: &Repositories, claim: &Claim, kept: &KeptAnswer, until: i64) -> bool {
    let complete = world.idempotency_keys.complete(claim, kept, minute(until));
    complete.await.expect("an answer can be kept")
}

async fn extend(world: &Repositories, claim: &Claim, at: i64) -> bool {
    world.idempotency_keys.extend(claim, term(at)).await.expect("a lease can be extended")
}

async fn release(world: &Repositories, claim: &Claim) -> bool {
    world.idempotency_keys.release(claim).await.expect("a key can be released")
}

async fn mark_unknown(world: &Repositories, claim: &Claim, until: i64) -> bool {
    let mark = world.idempotency_keys.mark_unknown(claim, minute(until));
    mark.await.expect("a claim can be marked")
}

async fn purge(world: &Repositories, at: i64, most: u32) -> u32 {
    world.idempotency_keys.purge(minute(at), most).await.expect("keys can be purged")
}

async fn a_free_key_is_claimed_once(world: &Repositories) {
    let first = new_claim(world).await;
    assert_eq!(state(world, &first, 0).await, None);
    assert_eq!(claim(world, &first, 0).await, None);
    assert_eq!(state(world, &first, 0).await, Some(KeyState::Running));
    assert_eq!(claim(world, &rival(&first), 0).await, Some(KeyState::Running));
}

/// How many of many concurrent claims to one key won.
async fn winners(world: &Repositories, key: &Claim, at: i64) -> usize {
    let rivals: Vec<_> = (0..50).map(|_| rival(key)).collect();
    let states = join_all(rivals.iter().map(|rival| claim(world, rival, at))).await;
    let won = states.iter().filter(|state| state.is_none()).count();
    assert!(states.into_iter().flatten().all(|state| state == KeyState::Running));
    won
}

async fn of_fifty_concurrent_claims_one_wins(world: &Repositories) {
    let key = new_claim(world).await;
    assert_eq!(winners(world, &key, 0).await, 1);
}

async fn of_concurrent_claims_to_a_key_whose_time_is_over_one_wins(world: &Repositories) {
    let key = held(world).await;
    assert_eq!(winners(world, &key, DAY).await, 1);
}

async fn a_claim_whose_lease_ran_out_is_unknown_and_never_given_again(world: &Repositories) {
    let first = held(world).await;
    for at in [LEASE, LEASE + 1, DAY - 1] {
        assert_eq!(state(world, &first, at).await, Some(KeyState::Unknown), "minute {at}");
        assert_eq!(claim(world, &rival(&first), at).await, Some(KeyState::Unknown), "minute {at}");
    }
}

async fn an_extended_lease_holds(world: &Repositories) {
    let first = held(world).await;
    assert!(extend(world, &first, 2 * DAY).await);
    assert_eq!(claim(world, &rival(&first), 2 * DAY).await, Some(KeyState::Running));
    assert_eq!(state(world, &first, 2 * DAY + LEASE).await, Some(KeyState::Unknown));
    assert_eq!(state(world, &first, 3 * DAY).await, None);
}

async fn an_answer_comes_back_byte_by_byte(world: &Repositories) {
    let account = world.account().await.id;
    let contents =
        [vec![], (0..=u8::MAX).collect(), b"{\"name\": \"\\u00e9\"}".to_vec(), vec![0xc3; 1 << 20]];
    for (number, content) in contents.into_iter().enumerate() {
        let first = claim_to(account, &format!("call-{number}"));
        assert_eq!(claim(world, &first, 0).await, None);
        let kept = answer(content);
        assert!(complete(world, &first, &kept, DAY).await);
        let answered = Some(KeyState::Answered(kept));
        assert_eq!(claim(world, &rival(&first), DAY - 1).await, answered);
        assert_eq!(state(world, &first, DAY - 1).await, answered);
        assert_eq!(state(world, &first, DAY).await, None);
    }
}

async fn a_holder_whose_lease_ran_out_may_still_complete(world: &Repositories) {
    let first = held(world).await;
    assert_eq!(state(world, &first, 5).await, Some(KeyState::Unknown));
    let kept = answer("late");
    assert!(complete(world, &first, &kept, DAY + 5).await);
    assert_eq!(state(world, &first, 5).await, Some(KeyState::Answered(kept)));
}

async fn a_released_key_is_free_again(world: &Repositories) {
    let first = held(world).await;
    assert!(release(world, &first).await);
    assert_eq!(state(world, &first, 0).await, None);
    let second = rival(&first);
    assert_eq!(claim(world, &second, 0).await, None);
    assert!(!release(world, &first).await, "the key is the second claim's now");
    assert_eq!(state(world, &second, 0).await, Some(KeyState::Running));
}

async fn a_marked_claim_is_unknown(world: &Repositories) {
    let first = held(world).await;
    assert!(mark_unknown(world, &first, 2 * DAY).await);
    for at in [0, 2 * DAY - 1] {
        assert_eq!(claim(world, &rival(&first), at).await, Some(KeyState::Unknown), "minute {at}");
    }
    assert_eq!(claim(world, &rival(&first), 2 * DAY).await, None);
}

async fn a_key_whose_time_is_over_was_never_claimed(world: &Repositories) {
    let account = world.account().await.id;
    let [running, answered, marked] = ["running", "answered", "marked"].map(|key| claim_to(account, key));
    for first in [&running, &answered, &marked] {
        assert_eq!(claim(world, first, 0).await, None);
    }
    assert!(complete(world, &answered, &answer("old"), DAY).await);
    assert!(mark_unknown(world, &marked, DAY).await);
    for first in [&running, &answered, &marked] {
        assert_eq!(state(world, first, DAY).await, None, "{first:?}");
        let second = rival(first);
        assert_eq!(claim(world, &second, DAY).await, None, "{first:?}");
        assert_eq!(state(world, &second, DAY).await, Some(KeyState::Running), "{first:?}");
        let kept = answer("new");
        assert!(!complete(world, first, &answer("too late"), 2 * DAY).await, "{first:?}");
        assert!(complete(world, &second, &kept, 2 * DAY).await, "{first:?}");
        assert_eq!(state(world, first, DAY).await, Some(KeyState::Answered(kept)), "{first:?}");
    }
}

async fn what_is_not_the_claim_is_not_touched(world: &Repositories) {
    let first = held(world).await;
    let of_nobody = claim_to(first.account_id, "never-claimed");
    for other in
        [&rival(&first), &of_nobody, &Claim { account_id: world.account().await.id, ..first.clone() }]
    {
        assert!(!extend(world, other, DAY).await);
        assert!(!complete(world, other, &answer("not mine"), DAY).await);
        assert!(!mark_unknown(world, other, DAY).await);
        assert!(!release(world, other).await);
    }
    assert_eq!(state(world, &of_nobody, 0).await, None);
    assert_eq!(state(world, &first, 0).await, Some(KeyState::Running));
    assert_eq!(state(world, &first, LEASE).await, Some(KeyState::Unknown));
}

async fn an_answered_claim_is_touched_no_more(world: &Repositories) {
    let first = held(world).await;
    let kept = answer("the first");
    assert!(complete(world, &first, &kept, DAY).await);
    assert!(!extend(world, &first, DAY).await);
    assert!(!complete(world, &first, &answer("a second"), 2 * DAY).await);
    assert!(!mark_unknown(world, &first, 2 * DAY).await);
    assert!(!release(world, &first).await);
    assert_eq!(state(world, &first, DAY - 1).await, Some(KeyState::Answered(kept)));
    assert_eq!(state(world, &first, DAY).await, None);
}

async fn accounts_have_keys_of_their_own(world: &Repositories) {
    let ours = held(world).await;
    let theirs = new_claim(world).await;
    assert_eq!((&ours.key, state(world, &theirs, 0).await), (&theirs.key, None));
    assert_eq!(claim(world, &theirs, 0).await, None);
    let kept = answer("theirs");
    assert!(complete(world, &theirs, &kept, DAY).await);
    assert_eq!(state(world, &ours, 0).await, Some(KeyState::Running));
    assert_eq!(state(world, &theirs, 0).await, Some(KeyState::Answered(kept)));
}

async fn keys_that_differ_in_case_are_two_keys(world: &Repositories) {
    let account = world.account().await.id;
    let long = "k".repeat(254);
    for key in ["Order-7", "order-7", "\"order-7\"", &format!("{long}a"), &format!("{long}b")] {
        assert_eq!(claim(world, &claim_to(account, key), 0).await, None, "{key}");
    }
}

/// Claims keys of two accounts in each of these minutes.
async fn claimed_at(world: &Repositories, minutes: &[i64]) -> Vec<Claim> {
    let accounts = [world.account().await.id, world.account().await.id];
    let mut claims = Vec::new();
    for (number, at) in minutes.iter().enumerate() {
        let new = claim_to(accounts[number % 2], &format!("call-{number}"));
        assert_eq!(claim(world, &new, *at).await, None);
        claims.push(new);
    }
    claims
}

async fn a_purge_removes_what_is_over_and_nothing_else(world: &Repositories) {
    let claims = claimed_at(world, &[0, 0, 1, 1, 2, 2]).await;
    assert!(complete(world, &claims[0], &answer("over"), DAY).await);
    assert!(complete(world, &claims[1], &answer("not over"), DAY + 2).await);
    assert!(mark_unknown(world, &claims[2], DAY).await);
    assert_eq!(purge(world, DAY - 1, 100).await, 0);
    assert_eq!(purge(world, DAY + 1, 100).await, 3);
    assert_eq!(purge(world, DAY + 1, 100).await, 0);
    for kept in [&claims[1], &claims[4], &claims[5]] {
        assert!(state(world, kept, DAY + 1).await.is_some());
    }
    for gone in [&claims[0], &claims[2], &claims[3]] {
        assert_eq!(claim(world, &rival(gone), DAY + 1).await, None);
    }
}

async fn a_purge_removes_the_oldest_first_and_no_more_than_asked_for(world: &Repositories) {
    let claims = claimed_at(world, &[3, 1, 2, 2, 2]).await;
    // What is over is absent to everybody; a later look at an earlier time tells what is still stored.
    let stored = async || {
        let mut stored = Vec::new();
        for (number, claim) in claims.iter().enumerate() {
            if state(world, claim, 0).await.is_some() {
                stored.push(number);
            }
        }
        stored
    };
    assert_eq!(purge(world, 2 * DAY, 0).await, 0);
    assert_eq!(purge(world, 2 * DAY, 1).await, 1);
    assert_eq!(stored().await, [0, 2, 3, 4]);
    assert_eq!(purge(world, 2 * DAY, 2).await, 2);
    let left = stored().await;
    assert_eq!((left.len(), left[0]), (2, 0));
    assert_eq!(purge(world, 2 * DAY, 5_000).await, 2);
    assert_eq!(stored().await, [0; 0]);
}
