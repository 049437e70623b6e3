//! Events on their way: a table that is a queue for each subscriber.
//!
//! A claim moves `due_at` of its messages to its own end: until then nobody sees them as due, and after that anybody
//! does, so that a carrier that dies needs no burial.

mod claim;
mod deliveries;
mod publisher;

use std::sync::Arc;

use adstead_domain::MessageId;
use adstead_domain::port::{
    MessageClaim, MessageState, Outbox, OutboxEntry, OutboxMessage, OutboxSelection, PortError, Settlement,
};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

pub(super) use self::deliveries::Deliveries;
pub(super) use self::publisher::Publisher;
use super::entity::outbox::{ActiveModel, Column, Entity};
use super::entity::value::micros;
use crate::database::{DatabaseError, DatabaseManager};

/// Messages of one statement.
const CHUNK: usize = 500;

pub(super) struct DatabaseOutbox {
    pub(super) database: Arc<DatabaseManager>,
    pub(super) deliveries: Arc<Deliveries>,
}

#[async_trait]
impl Outbox for DatabaseOutbox {
    #[tracing::instrument(level = "debug", skip_all, fields(subscriber = claim.subscriber, claim = %claim.id), err(level = "debug"))]
    async fn claim(
        &self,
        claim: &MessageClaim,
        most: u32,
        now: Timestamp,
    ) -> Result<Vec<OutboxMessage>, PortError> {
        let messages = self
            .database
            .transaction(async |tx| claim::claim(tx, claim, most, now).await)
            .await
            .map_err(|error: DatabaseError| error.during("outbox.claim"))?;
        self.deliveries.claimed(claim, &messages, now);
        Ok(messages)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(claim = %claim.id), err(level = "debug"))]
    async fn settle(
        &self,
        claim: &MessageClaim,
        settlements: &[(MessageId, Settlement)],
        now: Timestamp,
    ) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| settle(tx, claim, settlements, now).await)
            .await
            .map_err(|error: DatabaseError| error.during("outbox.settle"))?;
        self.deliveries.settled(claim, settlements);
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn list(
        &self,
        selection: &OutboxSelection,
        after: Option<MessageId>,
        most: u32,
    ) -> Result<Vec<OutboxEntry>, PortError> {
        self.database
            .read(async |database| {
                let rows = selected(Entity::find(), selection)
                    .apply_if(after, |rows, after| rows.filter(Column::Id.gt(after.number())))
                    .order_by_asc(Column::Id)
                    .limit(u64::from(most))
                    .all(database)
                    .await?;
                rows.into_iter().map(OutboxEntry::try_from).collect()
            })
            .await
            .map_err(|error: DatabaseError| error.during("outbox.list"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn retry(&self, selection: &OutboxSelection, now: Timestamp) -> Result<u64, PortError> {
        let due = ActiveModel {
            due_at: ActiveValue::Set(Some(micros(now))),
            attempts: ActiveValue::Set(0),
            claim_id: ActiveValue::Set(None),
            ..ActiveModel::default()
        };
        self.database
            .transaction(async |tx| {
                let failed = Column::DueAt.is_null().or(Column::Attempts.gt(0));
                let retry = selected(Entity::update_many().set(due.clone()), selection);
                Ok(unclaimed(retry, now).filter(failed).exec(tx).await?.rows_affected)
            })
            .await
            .map_err(|error: DatabaseError| error.during("outbox.retry"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn purge(&self, selection: &OutboxSelection, now: Timestamp) -> Result<u64, PortError> {
        self.database
            .transaction(async |tx| {
                let purge = selected(Entity::delete_many(), selection);
                Ok(unclaimed(purge, now).exec(tx).await?.rows_affected)
            })
            .await
            .map_err(|error: DatabaseError| error.during("outbox.purge"))
    }
}

/// Those of `rows` that are meant.
fn selected<Q: QueryFilter>(rows: Q, selection: &OutboxSelection) -> Q {
    let OutboxSelection { subscriber, state, ids } = selection;
    let mut rows = rows;
    if let Some(subscriber) = subscriber {
        rows = rows.filter(Column::Subscriber.eq(subscriber));
    }
    if let Some(state) = state {
        rows = rows.filter(match state {
            MessageState::Waiting => Column::DueAt.is_not_null(),
            MessageState::Dead => Column::DueAt.is_null(),
        });
    }
    if !ids.is_empty() {
        rows = rows.filter(Column::Id.is_in(ids.iter().map(|id| id.number())));
    }
    rows
}

async fn settle(
    tx: &DatabaseTransaction,
    claim: &MessageClaim,
    settlements: &[(MessageId, Settlement)],
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let (mut delivered, mut left) = (Vec::new(), Vec::new());
    for (id, settlement) in settlements {
        match settlement {
            Settlement::Delivered => delivered.push(id.number()),
            Settlement::Left => left.push(id.number()),
            Settlement::Postponed { until, failure } => {
                put_off(tx, claim, *id, Some(*until), failure).await?;
            }
            Settlement::Dead { failure } => put_off(tx, claim, *id, None, failure).await?,
        }
    }
    for chunk in delivered.chunks(CHUNK) {
        claimed(Entity::delete_many(), claim)
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    for chunk in left.chunks(CHUNK) {
        let due = ActiveModel {
            due_at: ActiveValue::Set(Some(micros(now))),
            claim_id: ActiveValue::Set(None),
            ..ActiveModel::default()
        };
        claimed(Entity::update_many().set(due), claim)
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).sub(1))
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Gives a claimed message back, due at that time or never.
async fn put_off(
    tx: &DatabaseTransaction,
    claim: &MessageClaim,
    id: MessageId,
    due_at: Option<Timestamp>,
    failure: &str,
) -> Result<(), DatabaseError> {
    let put_off = ActiveModel {
        due_at: ActiveValue::Set(due_at.map(micros)),
        claim_id: ActiveValue::Set(None),
        failure: ActiveValue::Set(Some(failure.to_owned())),
        ..ActiveModel::default()
    };
    claimed(Entity::update_many().set(put_off), claim).filter(Column::Id.eq(id.number())).exec(tx).await?;
    Ok(())
}

/// Those of `rows` that nobody is delivering.
fn unclaimed<Q: QueryFilter>(rows: Q, now: Timestamp) -> Q {
    rows.filter(Column::ClaimId.is_null().or(Column::DueAt.lte(micros(now))))
}

/// Those of `rows` that are still the claim's.
fn claimed<Q: QueryFilter>(rows: Q, claim: &MessageClaim) -> Q {
    rows.filter(Column::ClaimId.eq(claim.id.uuid()))
}
