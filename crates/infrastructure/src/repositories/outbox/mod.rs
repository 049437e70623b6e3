//! Events on their way: a table that is a queue for each subscriber.
//!
//! A claim moves `due_at` of its messages to its own end: until then nobody sees them as due, and after that anybody
//! does, so that a carrier that dies needs no burial.

mod claim;
mod deliveries;
mod post;
mod publisher;

use std::sync::Arc;

use adstead_domain::port::{
    MessageClaim, MessageState, Outbox, OutboxEntry, OutboxMessage, OutboxSelection, PortError, Settlement,
};
use adstead_domain::{DomainEvent, MessageId};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use self::claim::Claimed;
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
    pub(super) publisher: Arc<Publisher>,
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
        let Claimed { messages, unreadable, oldest } = self
            .database
            .transaction(async |tx| claim::claim(tx, claim, most, now).await)
            .await
            .map_err(|error: DatabaseError| error.during("outbox.claim"))?;
        for (message_id, failure) in &unreadable {
            tracing::error!(
                message_id,
                subscriber = claim.subscriber,
                failure,
                "a message of the outbox cannot be read and became a dead letter: see `adstead outbox list`"
            );
        }
        self.deliveries.claimed(claim, oldest, unreadable.len(), now);
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

    #[tracing::instrument(level = "debug", skip_all, fields(subscriber), err(level = "debug"))]
    async fn post(
        &self,
        subscriber: &str,
        events: &[DomainEvent],
        due_at: Option<Timestamp>,
    ) -> Result<(), PortError> {
        self.database
            .transaction(async |tx| post::post(tx, subscriber, events, due_at).await)
            .await
            .map_err(|error: DatabaseError| error.during("outbox.post"))?;
        if due_at.is_none() {
            self.publisher.committed(events);
        }
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(prefix), err(level = "debug"))]
    async fn due(&self, prefix: &str, most: u32, now: Timestamp) -> Result<Vec<String>, PortError> {
        let due = post::subscribers_due(&self.database, prefix, most, now).await;
        due.map_err(|error| error.during("outbox.due"))
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
    if let Some(ids) = ids {
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
            Settlement::Postponed { .. } => {}
            Settlement::Dead { failure } => drop(put_off(tx, claim, *id, None, failure).await?),
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
    // Last, since what was left waits for what was postponed before it.
    for (id, settlement) in settlements {
        if let Settlement::Postponed { until, failure } = settlement
            && put_off(tx, claim, *id, Some(*until), failure).await?
        {
            put_off_behind(tx, *id, *until).await?;
        }
    }
    Ok(())
}

/// Has what stands behind a message wait as long as that does: it could not be claimed before anyway, and is not looked
/// at again and again.
async fn put_off_behind(
    tx: &DatabaseTransaction,
    id: MessageId,
    until: Timestamp,
) -> Result<(), DatabaseError> {
    let Some(first) = Entity::find_by_id(id.number()).one(tx).await? else { return Ok(()) };
    Entity::update_many()
        .set(ActiveModel { due_at: ActiveValue::Set(Some(micros(until))), ..ActiveModel::default() })
        .filter(Column::Subscriber.eq(first.subscriber))
        .filter(Column::SubjectId.eq(first.subject_id))
        .filter(Column::Id.gt(first.id))
        .filter(Column::DueAt.lt(micros(until)))
        .filter(Column::ClaimId.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives a claimed message back, due at that time or never; whether it was still the claim's.
async fn put_off(
    tx: &DatabaseTransaction,
    claim: &MessageClaim,
    id: MessageId,
    due_at: Option<Timestamp>,
    failure: &str,
) -> Result<bool, DatabaseError> {
    let put_off = ActiveModel {
        due_at: ActiveValue::Set(due_at.map(micros)),
        claim_id: ActiveValue::Set(None),
        failure: ActiveValue::Set(Some(failure.to_owned())),
        ..ActiveModel::default()
    };
    let put_off = claimed(Entity::update_many().set(put_off), claim).filter(Column::Id.eq(id.number()));
    Ok(put_off.exec(tx).await?.rows_affected > 0)
}

/// Those of `rows` that nobody is delivering.
fn unclaimed<Q: QueryFilter>(rows: Q, now: Timestamp) -> Q {
    rows.filter(Column::ClaimId.is_null().or(Column::DueAt.lte(micros(now))))
}

/// Those of `rows` that are still the claim's.
fn claimed<Q: QueryFilter>(rows: Q, claim: &MessageClaim) -> Q {
    rows.filter(Column::ClaimId.eq(claim.id.uuid()))
}
