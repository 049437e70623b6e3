use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{
    Claim, ClaimTerm, Clock, IdGenerator, IdempotencyRepository, KeptAnswer, KeyState, PortError,
    PortErrorKind,
};
use adstead_domain::{Actor, ClaimId, IdempotencyKey};
use jiff::Timestamp;

use crate::Error;

/// Sees to it that a call which its client named is carried out once, and that its answer is there to be repeated.
///
/// Whoever carries a call out claims its key first, extends the claim every [`AnswerOnce::RENEWAL`], and settles it by
/// what came of the call.
pub struct AnswerOnce {
    /// Where keys and answers are kept.
    pub keys: Arc<dyn IdempotencyRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// How long a key is kept once its call has ended; longer than [`AnswerOnce::LEASE`].
    pub kept_for: Duration,
}

/// What a claim to a key came to.
#[derive(Debug)]
pub enum Claimed {
    /// The key is yours: carry the call out.
    Yours(Claim),
    /// Somebody claimed it before you.
    Before(KeyState),
}

/// What came of a call.
#[derive(Debug)]
pub enum Outcome {
    /// It did what it was to do, and this was the answer.
    Done(KeptAnswer),
    /// It did nothing: its key may be used again.
    NothingDone,
    /// Nobody knows: it is never carried out again under this key.
    Unknown,
}

impl AnswerOnce {
    /// How long the holder of a claim may be silent before nobody counts on it any more. It is long, so that a database
    /// that fails over does not turn calls which are well under way into unknown ones.
    pub const LEASE: Duration = Duration::from_secs(60);

    /// How often a holder says that it lives.
    pub const RENEWAL: Duration = Duration::from_secs(20);

    /// Claims the key for a call that is to begin now.
    ///
    /// # Errors
    /// [`Error::Port`] where the key could not be claimed: the call must not begin.
    pub async fn claim(&self, actor: &Actor, key: IdempotencyKey) -> Result<Claimed, Error> {
        let claim = Claim { account_id: actor.account_id, key, id: ClaimId::new(self.ids.next()) };
        let now = self.clock.now();
        match self.keys.claim(&claim, self.term(now), now).await {
            Ok(None) => Ok(Claimed::Yours(claim)),
            Ok(Some(state)) => Ok(Claimed::Before(state)),
            Err(error) => {
                // The claim may be stored all the same, and nothing was done under it. Where it cannot be given back, it
                // counts as unknown from the end of its lease on.
                if error.kind == PortErrorKind::Timeout {
                    self.keys.release(&claim).await.ok();
                }
                Err(error.into())
            }
        }
    }

    /// How the key stands, if it is claimed.
    ///
    /// # Errors
    /// [`Error::Port`] where it cannot be looked up.
    pub async fn state(&self, actor: &Actor, key: &IdempotencyKey) -> Result<Option<KeyState>, Error> {
        Ok(self.keys.state(actor.account_id, key, self.clock.now()).await?)
    }

    /// Says that the call goes on.
    ///
    /// # Errors
    /// That it could not be said; the next time may do.
    pub async fn extend(&self, claim: &Claim) -> Result<(), PortError> {
        self.keys.extend(claim, self.term(self.clock.now())).await.map(drop)
    }

    /// Keeps what came of the call.
    ///
    /// # Errors
    /// That it could not be kept. Unless a later attempt succeeds, the call counts as one of which nobody knows what it
    /// did, from the end of its lease on.
    pub async fn settle(&self, claim: &Claim, outcome: &Outcome) -> Result<(), PortError> {
        let until = self.clock.now() + self.kept_for;
        match outcome {
            Outcome::Done(answer) => self.keys.complete(claim, answer, until).await.map(drop),
            Outcome::NothingDone => self.keys.release(claim).await.map(drop),
            Outcome::Unknown => self.keys.mark_unknown(claim, until).await.map(drop),
        }
    }

    fn term(&self, now: Timestamp) -> ClaimTerm {
        ClaimTerm { leased_until: now + Self::LEASE, expires_at: now + self.kept_for.max(Self::LEASE) }
    }
}
