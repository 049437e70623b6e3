use adstead_domain::port::{Claim, ClaimTerm, KeptAnswer, KeyState};
use jiff::Timestamp;
use sea_orm::entity::prelude::*;

use super::value::{micros, parsed};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub(in crate::repositories) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_digest: String,
    pub claim_id: Uuid,
    /// Nothing once nobody carries the call out any more.
    pub leased_until: Option<i64>,
    pub expires_at: i64,
    pub fingerprint: Option<String>,
    pub answer: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::repositories) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<(&Claim, ClaimTerm)> for Model {
    fn from((claim, term): (&Claim, ClaimTerm)) -> Self {
        let Claim { account_id, key, id } = claim;
        let ClaimTerm { leased_until, expires_at } = term;
        Self {
            account_id: account_id.uuid(),
            key_digest: key.digest().to_string(),
            claim_id: id.uuid(),
            leased_until: Some(micros(leased_until)),
            expires_at: micros(expires_at),
            fingerprint: None,
            answer: None,
        }
    }
}

impl Model {
    /// How the key stands at `now`, unless its time is over.
    pub(in crate::repositories) fn state(self, now: Timestamp) -> Result<Option<KeyState>, DatabaseError> {
        let Self { account_id: _, key_digest: _, claim_id: _, leased_until, expires_at, fingerprint, answer } =
            self;
        let now = micros(now);
        if expires_at <= now {
            return Ok(None);
        }
        match (fingerprint, answer) {
            (Some(fingerprint), Some(content)) => Ok(Some(KeyState::Answered(KeptAnswer {
                fingerprint: parsed("idempotency_keys.fingerprint", &fingerprint)?,
                content: content.into(),
            }))),
            (None, None) if leased_until.is_some_and(|end| end > now) => Ok(Some(KeyState::Running)),
            (None, None) => Ok(Some(KeyState::Unknown)),
            _ => Err(DatabaseError::corrupt("idempotency_keys.answer", "half an answer")),
        }
    }
}
