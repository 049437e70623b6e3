use std::collections::{BTreeMap, BTreeSet};

use adstead_domain::port::{Chain, MessageClaim, OutboxMessage};
use jiff::Timestamp;
use sea_orm::sea_query::extension::mysql::{IndexHintScope, MySqlSelectStatementExt};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::super::entity::outbox::{ActiveModel, Column, Entity, Model};
use super::super::entity::value::micros;
use super::CHUNK;
use crate::database::DatabaseError;

/// The indexes that a claim is made for. MariaDB has to be told: it plans by how long the queue was some time ago, which is
/// mostly empty, and would read all of it for each message.
const BY_TIME: &str = "ix_outbox_subscriber_due_at_id";
const BY_SUBJECT: &str = "ix_outbox_subscriber_subject_id_id";

/// What a claim came to.
#[derive(Default)]
pub(super) struct Claimed {
    pub(super) messages: Vec<OutboxMessage>,
    /// Messages that could not be read and are dead letters now, and why.
    pub(super) unreadable: Vec<(i64, String)>,
    /// When the oldest event happened that the subscriber has not been told of.
    pub(super) oldest: Option<i64>,
}

/// Takes the messages that are due and first of their subject, and then as many of those behind them as there is room for.
///
/// Nobody can take what stands behind a message while that is there, so the order of a subject needs no lock. On servers,
/// rows that somebody else is about to claim or to settle are skipped, not waited for; on SQLite nobody else writes
/// meanwhile.
pub(super) async fn claim(
    tx: &DatabaseTransaction,
    claim: &MessageClaim,
    most: u32,
    now: Timestamp,
) -> Result<Claimed, DatabaseError> {
    let first = by_index(Entity::find(), BY_TIME)
        .filter(Column::Subscriber.eq(&claim.subscriber))
        .filter(Column::DueAt.lte(micros(now)))
        .filter(Expr::exists(an_earlier_one()).not())
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(u64::from(most))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    release_behind(tx, &first, now).await?;
    let room = (most as usize).saturating_sub(first.len());
    let mut rows = first;
    if room > 0 {
        rows.extend(behind(tx, &rows, room, now).await?);
    }
    rows.sort_unstable_by_key(|row| row.id);
    let mut claimed = Claimed::default();
    for row in rows {
        let id = row.id;
        match OutboxMessage::try_from(row) {
            Ok(message) => claimed.messages.push(message),
            Err(error) => claimed.unreadable.push((id, put_aside(tx, id, error).await?)),
        }
    }
    let ids: Vec<_> = claimed.messages.iter().map(|message| message.id.number()).collect();
    for chunk in ids.chunks(CHUNK) {
        Entity::update_many()
            .set(ActiveModel {
                due_at: ActiveValue::Set(Some(micros(claim.ends_at))),
                claim_id: ActiveValue::Set(Some(claim.id.uuid())),
                ..ActiveModel::default()
            })
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    claimed.oldest = match claimed.messages.len() {
        full if full == most as usize => claimed.messages.iter().map(|it| micros(it.event.occurred_at)).min(),
        _ => oldest(tx, &claim.subscriber).await?,
    };
    Ok(claimed)
}

fn by_index(mut messages: Select<Entity>, index: &'static str) -> Select<Entity> {
    QuerySelect::query(&mut messages).force_index(index, IndexHintScope::All);
    messages
}

/// An earlier message of the same subscriber and subject that is not dead, whether or not it is due.
pub(super) fn an_earlier_one() -> SelectStatement {
    let earlier = Alias::new("earlier");
    let of_earlier = |column: Column| Expr::col((earlier.clone(), column));
    Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, earlier.clone())
        .force_index(BY_SUBJECT, IndexHintScope::All)
        .and_where(of_earlier(Column::Subscriber).equals((Entity, Column::Subscriber)))
        .and_where(of_earlier(Column::SubjectId).equals((Entity, Column::SubjectId)))
        .and_where(of_earlier(Column::Id).lt(Expr::col((Entity, Column::Id))))
        .and_where(of_earlier(Column::DueAt).is_not_null())
        .take()
}

/// Makes due again what was put off behind messages that failed: their time has come, or the operator had them retried.
async fn release_behind(
    tx: &DatabaseTransaction,
    first: &[Model],
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let failed: Vec<_> = first.iter().filter(|row| row.failure.is_some()).collect();
    for chunk in failed.chunks(CHUNK) {
        Entity::update_many()
            .set(ActiveModel { due_at: ActiveValue::Set(Some(0)), ..ActiveModel::default() })
            .filter(Column::Subscriber.eq(&chunk[0].subscriber))
            .filter(Column::SubjectId.is_in(chunk.iter().map(|row| row.subject_id)))
            .filter(Column::Id.is_not_in(chunk.iter().map(|row| row.id)))
            .filter(Column::DueAt.gt(micros(now)))
            .filter(Column::ClaimId.is_null())
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// What stands behind messages that are first of their subject, in the order of each, until one that is somebody's.
async fn behind(
    tx: &DatabaseTransaction,
    first: &[Model],
    room: usize,
    now: Timestamp,
) -> Result<Vec<Model>, DatabaseError> {
    let places: BTreeMap<Uuid, i64> = first.iter().map(|row| (row.subject_id, row.id)).collect();
    let Some(subscriber) = first.first().map(|row| row.subscriber.as_str()) else { return Ok(Vec::new()) };
    let subjects: Vec<_> = places.keys().copied().collect();
    let mut behind = Vec::new();
    for chunk in subjects.chunks(CHUNK) {
        let found = by_index(Entity::find(), BY_SUBJECT)
            .filter(Column::Subscriber.eq(subscriber))
            .filter(Column::SubjectId.is_in(chunk.iter().copied()))
            .filter(Column::DueAt.is_not_null())
            .order_by_asc(Column::Id)
            .limit((room + chunk.len()) as u64)
            .all(tx)
            .await?;
        behind.extend(found.into_iter().filter(|row| places.get(&row.subject_id) != Some(&row.id)));
    }
    behind.sort_unstable_by_key(|row| row.id);
    let mut closed = BTreeSet::new();
    behind.retain(|row| {
        let is_claimed = row.claim_id.is_some() && row.due_at.is_some_and(|due_at| due_at > micros(now));
        if is_claimed {
            closed.insert(row.subject_id);
        }
        !closed.contains(&row.subject_id)
    });
    behind.truncate(room);
    Ok(behind)
}

/// When the oldest event happened that the subscriber has not been told of.
async fn oldest(tx: &DatabaseTransaction, subscriber: &str) -> Result<Option<i64>, DatabaseError> {
    let oldest = Entity::find()
        .select_only()
        .column_as(Column::OccurredAt.min(), "oldest")
        .filter(Column::Subscriber.eq(subscriber))
        .filter(Column::DueAt.is_not_null())
        .into_tuple::<Option<i64>>()
        .one(tx)
        .await?;
    Ok(oldest.flatten())
}

/// Makes a message that cannot be read a dead letter, and answers why.
async fn put_aside(tx: &DatabaseTransaction, id: i64, error: DatabaseError) -> Result<String, DatabaseError> {
    let failure = Chain(&error).to_string();
    Entity::update_many()
        .set(ActiveModel {
            due_at: ActiveValue::Set(None),
            claim_id: ActiveValue::Set(None),
            failure: ActiveValue::Set(Some(failure.clone())),
            ..ActiveModel::default()
        })
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(failure)
}
