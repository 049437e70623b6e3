//! Where it is kept which calls were claimed, and what was answered to them.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

use super::PortError;
use crate::{AccountId, ClaimId, IdempotencyKey, Sha256Digest};

/// Keeps the keys of calls that are carried out once, however often they are sent.
///
/// A key is claimed before its call is carried out. The claim is leased: who carries the call out extends the lease
/// until the call has ended, so that a lease which ran out means that its holder is gone, and that nobody knows how far
/// the call got. Such a call is never carried out again under this key.
///
/// # Contract
/// - `claim` MUST give a key to one claim at most: of any number of concurrent ones, on any number of nodes, one MUST be
///   told that the key is its own, and all others what the state of the key is.
/// - A key that was released, or whose time was over at `now`, MUST count as one that was never claimed, whether it was
///   purged or not.
/// - A claim that has no answer MUST be told as `Running` where its lease holds at `now` and it was not marked, and as
///   `Unknown` otherwise.
/// - An answer MUST come back as it was stored, byte by byte, until its time is over.
/// - `extend`, `complete`, `release` and `mark_unknown` MUST touch nothing but the claim that is named, and only while it
///   has no answer; they answer whether it was there. That its lease ran out MUST NOT hinder them.
/// - Keys of two accounts MUST have nothing to do with each other, and keys that differ in case alone are two keys.
/// - `purge` MUST remove keys whose time was over at `now` and no others, those of longest ago first and at most `most`
///   of them; it answers how many.
#[async_trait]
pub trait IdempotencyRepository: Send + Sync {
    /// Claims the key. Nothing: it is the claim's own now. Something: another claim holds it, and this is its state.
    async fn claim(
        &self,
        claim: &Claim,
        term: ClaimTerm,
        now: Timestamp,
    ) -> Result<Option<KeyState>, PortError>;

    /// The state of a key, if it is claimed.
    async fn state(
        &self,
        account: AccountId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<KeyState>, PortError>;

    /// Moves the ends of the claim's lease and of its time.
    async fn extend(&self, claim: &Claim, term: ClaimTerm) -> Result<bool, PortError>;

    /// Keeps what the call was answered, until `expires_at`.
    async fn complete(
        &self,
        claim: &Claim,
        answer: &KeptAnswer,
        expires_at: Timestamp,
    ) -> Result<bool, PortError>;

    /// Gives the key back: the call did nothing.
    async fn release(&self, claim: &Claim) -> Result<bool, PortError>;

    /// Notes that nobody knows what the call did, until `expires_at`.
    async fn mark_unknown(&self, claim: &Claim, expires_at: Timestamp) -> Result<bool, PortError>;

    /// Makes room by removing keys whose time is over.
    async fn purge(&self, now: Timestamp, most: u32) -> Result<u32, PortError>;
}

/// Somebody's claim to a key: to carry its call out, and nobody else does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose key it is.
    pub account_id: AccountId,
    /// The key.
    pub key: IdempotencyKey,
    /// Tells this claim from any other that was ever made to the key.
    pub id: ClaimId,
}

/// How long a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimTerm {
    /// Until when its holder is known to live.
    pub leased_until: Timestamp,
    /// Until when the key is taken in any case; not before the end of the lease.
    pub expires_at: Timestamp,
}

/// How a claimed key stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// Its call is being carried out.
    Running,
    /// Its call did what it was to do, and this was the answer.
    Answered(KeptAnswer),
    /// Nobody knows what its call did.
    Unknown,
}

/// What a call was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The digest of the request, which tells it from any other.
    pub fingerprint: Sha256Digest,
    /// The answer, in a form that is the business of whoever gave it.
    pub content: Bytes,
}
