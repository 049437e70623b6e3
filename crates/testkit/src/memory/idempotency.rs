use std::collections::BTreeSet;

use adstead_domain::port::{Claim, ClaimTerm, IdempotencyRepository, KeptAnswer, KeyState, PortError};
use adstead_domain::{AccountId, ClaimId, IdempotencyKey};
use async_trait::async_trait;
use jiff::Timestamp;

use super::store::{MemoryStore, World};

pub(super) struct MemoryIdempotencyKeys(pub(super) MemoryStore);

/// A key and who holds it.
#[derive(Debug, Clone)]
pub(super) struct HeldKey {
    claim: ClaimId,
    /// Nothing once it was marked.
    leased_until: Option<Timestamp>,
    expires_at: Timestamp,
    answer: Option<KeptAnswer>,
}

impl HeldKey {
    fn state(&self, now: Timestamp) -> Option<KeyState> {
        if self.expires_at <= now {
            return None;
        }
        Some(match &self.answer {
            Some(answer) => KeyState::Answered(answer.clone()),
            None if self.leased_until.is_some_and(|end| end > now) => KeyState::Running,
            None => KeyState::Unknown,
        })
    }
}

impl World {
    /// The claim, while it has no answer.
    fn unanswered(&mut self, claim: &Claim) -> Option<&mut HeldKey> {
        let held = self.idempotency_keys.get_mut(&(claim.account_id, claim.key.clone()))?;
        (held.claim == claim.id && held.answer.is_none()).then_some(held)
    }
}

#[async_trait]
impl IdempotencyRepository for MemoryIdempotencyKeys {
    async fn claim(
        &self,
        claim: &Claim,
        term: ClaimTerm,
        now: Timestamp,
    ) -> Result<Option<KeyState>, PortError> {
        let mut world = self.0.world();
        let key = (claim.account_id, claim.key.clone());
        let state = world.idempotency_keys.get(&key).and_then(|held| held.state(now));
        if state.is_none() {
            let ClaimTerm { leased_until, expires_at } = term;
            let held =
                HeldKey { claim: claim.id, leased_until: Some(leased_until), expires_at, answer: None };
            world.idempotency_keys.insert(key, held);
        }
        Ok(state)
    }

    async fn state(
        &self,
        account: AccountId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<KeyState>, PortError> {
        let world = self.0.world();
        Ok(world.idempotency_keys.get(&(account, key.clone())).and_then(|held| held.state(now)))
    }

    async fn extend(&self, claim: &Claim, term: ClaimTerm) -> Result<bool, PortError> {
        let mut world = self.0.world();
        let Some(held) = world.unanswered(claim) else { return Ok(false) };
        let ClaimTerm { leased_until, expires_at } = term;
        held.leased_until = Some(leased_until);
        held.expires_at = expires_at;
        Ok(true)
    }

    async fn complete(
        &self,
        claim: &Claim,
        answer: &KeptAnswer,
        expires_at: Timestamp,
    ) -> Result<bool, PortError> {
        let mut world = self.0.world();
        let Some(held) = world.unanswered(claim) else { return Ok(false) };
        held.answer = Some(answer.clone());
        held.expires_at = expires_at;
        Ok(true)
    }

    async fn release(&self, claim: &Claim) -> Result<bool, PortError> {
        let mut world = self.0.world();
        if world.unanswered(claim).is_none() {
            return Ok(false);
        }
        world.idempotency_keys.remove(&(claim.account_id, claim.key.clone()));
        Ok(true)
    }

    async fn mark_unknown(&self, claim: &Claim, expires_at: Timestamp) -> Result<bool, PortError> {
        let mut world = self.0.world();
        let Some(held) = world.unanswered(claim) else { return Ok(false) };
        held.leased_until = None;
        held.expires_at = expires_at;
        Ok(true)
    }

    async fn purge(&self, now: Timestamp, most: u32) -> Result<u32, PortError> {
        let mut world = self.0.world();
        let over = world.idempotency_keys.iter().filter(|(_, held)| held.expires_at <= now);
        let oldest: BTreeSet<_> = over.map(|(key, held)| (held.expires_at, key.clone())).collect();
        let mut purged = 0;
        for (_, key) in oldest.into_iter().take(most as usize) {
            world.idempotency_keys.remove(&key);
            purged += 1;
        }
        Ok(purged)
    }
}
