//! What goes wrong half-way is never carried out again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use adstead_domain::port::{
    Claim, ClaimTerm, Clock, IdempotencyRepository, KeptAnswer, KeyState, PortError, PortErrorKind,
};
use adstead_domain::{AccountId, ClaimId, IdempotencyKey};
use adstead_testkit::build;
use adstead_testkit::memory::repositories;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{assert_again, assert_problem, call, campaigns};
use crate::app::{Setup, TestApp};
use crate::client::{brief, new_campaign};
use crate::layers::StuckWriter;

#[tokio::test]
async fn a_call_of_unknown_outcome_is_never_carried_out_again() {
    let writer = Arc::new(StuckWriter { panics: true });
    let app = TestApp::with(Setup { writer, ..Setup::default() }).await;
    let ada = app.admin().await;
    let wish = json!({"brief": brief()});
    assert_problem(call(&ada, "copy", "/v1/generations", &wish).await, 500, "internal");
    for wish in [&wish, &json!({})] {
        assert_problem(call(&ada, "copy", "/v1/generations", wish).await, 409, "outcome-unknown");
    }
    call(&ada, "another", "/v1/generations", &wish).await.expect(500);
}

#[tokio::test]
async fn a_call_whose_node_died_is_of_unknown_outcome() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let now = app.clock.now();
    let claim =
        Claim { account_id: app.account.id, key: build::parsed("call-1"), id: ClaimId::new(build::id()) };
    let after = |seconds| now + SignedDuration::from_secs(seconds);
    let term = ClaimTerm { leased_until: after(60), expires_at: after(86_400) };
    app.repositories.idempotency_keys.claim(&claim, term, now).await.unwrap();
    app.clock.advance(SignedDuration::from_secs(60));
    let reply = call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_problem(reply, 409, "outcome-unknown");
    assert_eq!(campaigns(&ada).await, 0);
}

/// Keys over a database that goes away before answers are kept.
struct FailingKeys {
    keys: Arc<dyn IdempotencyRepository>,
    failures: AtomicU32,
}

impl FailingKeys {
    fn for_so_many_answers(failures: u32) -> Option<Arc<dyn IdempotencyRepository>> {
        let keys = repositories().idempotency_keys;
        Some(Arc::new(Self { keys, failures: AtomicU32::new(failures) }))
    }
}

#[async_trait]
impl IdempotencyRepository for FailingKeys {
    async fn claim(
        &self,
        claim: &Claim,
        term: ClaimTerm,
        now: Timestamp,
    ) -> Result<Option<KeyState>, PortError> {
        self.keys.claim(claim, term, now).await
    }

    async fn state(
        &self,
        account: AccountId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<KeyState>, PortError> {
        self.keys.state(account, key, now).await
    }

    async fn extend(&self, claim: &Claim, term: ClaimTerm) -> Result<bool, PortError> {
        self.keys.extend(claim, term).await
    }

    async fn complete(
        &self,
        claim: &Claim,
        answer: &KeptAnswer,
        expires_at: Timestamp,
    ) -> Result<bool, PortError> {
        let fails = |left: u32| left.checked_sub(1);
        if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok() {
            return Err(PortError::new(PortErrorKind::Unavailable, "idempotency_keys.complete"));
        }
        self.keys.complete(claim, answer, expires_at).await
    }

    async fn release(&self, claim: &Claim) -> Result<bool, PortError> {
        self.keys.release(claim).await
    }

    async fn mark_unknown(&self, claim: &Claim, expires_at: Timestamp) -> Result<bool, PortError> {
        self.keys.mark_unknown(claim, expires_at).await
    }

    async fn purge(&self, now: Timestamp, most: u32) -> Result<u32, PortError> {
        self.keys.purge(now, most).await
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_though_the_database_is_away_for_a_moment() {
    let app = TestApp::with(Setup { keys: FailingKeys::for_so_many_answers(2), ..Setup::default() }).await;
    let ada = app.admin().await;
    let first = call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_again(&first, &call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_kept_is_given_once_and_the_call_never_repeated() {
    let app =
        TestApp::with(Setup { keys: FailingKeys::for_so_many_answers(u32::MAX), ..Setup::default() }).await;
    let ada = app.admin().await;
    call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await.expect(201);
    let reply = call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_problem(reply, 409, "idempotency-key-in-use");
    app.clock.advance(SignedDuration::from_secs(60));
    let reply = call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_problem(reply, 409, "outcome-unknown");
    assert_eq!(campaigns(&ada).await, 1);
}
