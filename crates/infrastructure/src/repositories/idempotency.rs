use std::collections::BTreeMap;
use std::sync::Arc;

use adstead_domain::port::{Claim, ClaimTerm, IdempotencyRepository, KeptAnswer, KeyState, PortError};
use adstead_domain::{AccountId, IdempotencyKey};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select, UpdateMany,
};
use uuid::Uuid;

use super::entity::idempotency_keys::{ActiveModel, Column, Entity, Model};
use super::entity::value::micros;
use crate::database::{DatabaseError, DatabaseManager, Fault};

pub(super) struct DatabaseIdempotencyKeys {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl IdempotencyRepository for DatabaseIdempotencyKeys {
    #[tracing::instrument(level = "debug", skip_all, fields(claim = %claim.id), err(level = "debug"))]
    async fn claim(
        &self,
        claim: &Claim,
        term: ClaimTerm,
        now: Timestamp,
    ) -> Result<Option<KeyState>, PortError> {
        self.database
            .transaction(async |tx| {
                let row = Model::from((claim, term)).into_active_model();
                Entity::insert(row)
                    .on_conflict(take_over(claim, term, now))
                    .exec_without_returning(tx)
                    .await?;
                // How many rows that met, each engine tells in its own way; who holds the key now, all tell alike.
                let held = held(claim.account_id, &claim.key).one(tx).await?;
                let held = held.ok_or_else(|| DatabaseError::from(Fault::Lacking))?;
                if held.claim_id == claim.id.uuid() {
                    return Ok(None);
                }
                held.state(now)?.map(Some).ok_or_else(|| Fault::Lacking.into())
            })
            .await
            .map_err(|error: DatabaseError| error.during("idempotency_keys.claim"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(%account), err(level = "debug"))]
    async fn state(
        &self,
        account: AccountId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<KeyState>, PortError> {
        self.database
            .read(async |database| match held(account, key).one(database).await? {
                Some(held) => held.state(now),
                None => Ok(None),
            })
            .await
            .map_err(|error: DatabaseError| error.during("idempotency_keys.state"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(claim = %claim.id), err(level = "debug"))]
    async fn extend(&self, claim: &Claim, term: ClaimTerm) -> Result<bool, PortError> {
        let ClaimTerm { leased_until, expires_at } = term;
        let extended = ActiveModel {
            leased_until: ActiveValue::Set(Some(micros(leased_until))),
            expires_at: ActiveValue::Set(micros(expires_at)),
            ..ActiveModel::default()
        };
        self.overwrite(claim, extended, "idempotency_keys.extend").await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(claim = %claim.id), err(level = "debug"))]
    async fn complete(
        &self,
        claim: &Claim,
        answer: &KeptAnswer,
        expires_at: Timestamp,
    ) -> Result<bool, PortError> {
        let KeptAnswer { fingerprint, content } = answer;
        let completed = ActiveModel {
            leased_until: ActiveValue::Set(None),
            expires_at: ActiveValue::Set(micros(expires_at)),
            fingerprint: ActiveValue::Set(Some(fingerprint.to_string())),
            answer: ActiveValue::Set(Some(content.to_vec())),
            ..ActiveModel::default()
        };
        self.overwrite(claim, completed, "idempotency_keys.complete").await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(claim = %claim.id), err(level = "debug"))]
    async fn release(&self, claim: &Claim) -> Result<bool, PortError> {
        let released = self
            .database
            .transaction(async |tx| {
                let release = unanswered(Entity::delete_many(), claim);
                Ok(release.exec(tx).await?.rows_affected)
            })
            .await
            .map_err(|error: DatabaseError| error.during("idempotency_keys.release"))?;
        Ok(released > 0)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(claim = %claim.id), err(level = "debug"))]
    async fn mark_unknown(&self, claim: &Claim, expires_at: Timestamp) -> Result<bool, PortError> {
        let marked = ActiveModel {
            leased_until: ActiveValue::Set(None),
            expires_at: ActiveValue::Set(micros(expires_at)),
            ..ActiveModel::default()
        };
        self.overwrite(claim, marked, "idempotency_keys.mark_unknown").await
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn purge(&self, now: Timestamp, most: u32) -> Result<u32, PortError> {
        let purged = self
            .database
            .transaction(async |tx| purge(tx, now, most).await)
            .await
            .map_err(|error: DatabaseError| error.during("idempotency_keys.purge"))?;
        Ok(u32::try_from(purged).unwrap_or(u32::MAX))
    }
}

impl DatabaseIdempotencyKeys {
    /// Writes what is set in `row` over the claim while it has no answer; whether it was there.
    async fn overwrite(
        &self,
        claim: &Claim,
        row: ActiveModel,
        operation: &'static str,
    ) -> Result<bool, PortError> {
        let met = self
            .database
            .transaction(async |tx| {
                let overwrite: UpdateMany<Entity> = Entity::update_many().set(row.clone());
                Ok(unanswered(overwrite, claim).exec(tx).await?.rows_affected)
            })
            .await
            .map_err(|error: DatabaseError| error.during(operation))?;
        Ok(met > 0)
    }
}

/// Where the key is taken: writes the claim over one whose time is over, and leaves any other as it is.
///
/// It is one statement, so that the row is locked from its first look on, on every engine. The columns are those of the
/// row, in its order but for the end of its time: MariaDB assigns from left to right, and looks at that in each step.
fn take_over(claim: &Claim, term: ClaimTerm, now: Timestamp) -> OnConflict {
    let over = || Expr::col((Entity, Column::ExpiresAt)).lte(micros(now));
    let Model { account_id: _, key_digest: _, claim_id, leased_until, expires_at, fingerprint, answer } =
        (claim, term).into();
    let assigned: [(Column, SimpleExpr); 5] = [
        (Column::ClaimId, claim_id.into()),
        (Column::LeasedUntil, leased_until.into()),
        (Column::Fingerprint, fingerprint.into()),
        (Column::Answer, answer.into()),
        (Column::ExpiresAt, expires_at.into()),
    ];
    let mut conflict = OnConflict::columns([Column::AccountId, Column::KeyDigest]);
    for (column, new) in assigned {
        conflict.value(column, Expr::case(over(), new).finally(Expr::col((Entity, column))));
    }
    conflict
}

fn held(account: AccountId, key: &IdempotencyKey) -> Select<Entity> {
    Entity::find_by_id((account.uuid(), key.digest().to_string()))
}

/// Those of `rows` that are the claim, while it has no answer.
fn unanswered<Q: QueryFilter>(rows: Q, claim: &Claim) -> Q {
    rows.filter(Column::AccountId.eq(claim.account_id.uuid()))
        .filter(Column::KeyDigest.eq(claim.key.digest().to_string()))
        .filter(Column::ClaimId.eq(claim.id.uuid()))
        .filter(Column::Fingerprint.is_null())
}

/// Removes by the primary key what an index finds, account by account: no two engines agree on how to bound a DELETE. A
/// key that was claimed anew meanwhile stays.
async fn purge(tx: &DatabaseTransaction, now: Timestamp, most: u32) -> Result<u64, DatabaseError> {
    let over = || Column::ExpiresAt.lte(micros(now));
    let oldest: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::AccountId, Column::KeyDigest])
        .filter(over())
        .order_by_asc(Column::ExpiresAt)
        .limit(u64::from(most))
        .into_tuple()
        .all(tx)
        .await?;
    let mut by_account: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (account, key) in oldest {
        by_account.entry(account).or_default().push(key);
    }
    let mut purged = 0;
    for (account, keys) in by_account {
        let gone = Entity::delete_many()
            .filter(Column::AccountId.eq(account))
            .filter(Column::KeyDigest.is_in(keys))
            .filter(over());
        purged += gone.exec(tx).await?.rows_affected;
    }
    Ok(purged)
}
