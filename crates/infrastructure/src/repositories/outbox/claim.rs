use std::collections::{BTreeSet, HashMap, HashSet};

use adstead_domain::port::{MessageClaim, OutboxMessage};
use jiff::Timestamp;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::super::entity::outbox::{ActiveModel, Column, Entity, Model};
use super::super::entity::value::micros;
use super::CHUNK;
use crate::database::DatabaseError;

/// Takes the messages that are due, but for those that have to wait for an earlier one of their subject.
///
/// On servers, rows that somebody else is about to claim or to settle are skipped, not waited for; on SQLite nobody else
/// writes meanwhile.
pub(super) async fn claim(
    tx: &DatabaseTransaction,
    claim: &MessageClaim,
    most: u32,
    now: Timestamp,
) -> Result<Vec<OutboxMessage>, DatabaseError> {
    let subscriber = claim.subscriber.as_str();
    let due = Entity::find()
        .filter(Column::Subscriber.eq(subscriber))
        .filter(Column::DueAt.lte(micros(now)))
        .filter(Expr::exists(held_up_by(now)).not())
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(u64::from(most))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    let mut rows = without_gaps(tx, subscriber, due).await?;
    rows.sort_unstable_by_key(|row| row.id);
    let mut messages = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.id;
        match OutboxMessage::try_from(row) {
            Ok(message) => messages.push(message),
            Err(error) => bury(tx, id, &error).await?,
        }
    }
    let ids: Vec<_> = messages.iter().map(|message| message.id.number()).collect();
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
    Ok(messages)
}

/// An earlier message of the same subject that is claimed or postponed. It is looked for here, so that one subject with many
/// messages that have to wait does not hide the others behind it.
fn held_up_by(now: Timestamp) -> SelectStatement {
    let earlier = Alias::new("earlier");
    let of_earlier = |column: Column| Expr::col((earlier.clone(), column));
    Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, earlier.clone())
        .and_where(of_earlier(Column::Subscriber).equals((Entity, Column::Subscriber)))
        .and_where(of_earlier(Column::SubjectId).equals((Entity, Column::SubjectId)))
        .and_where(of_earlier(Column::Id).lt(Expr::col((Entity, Column::Id))))
        .and_where(of_earlier(Column::DueAt).gt(micros(now)))
        .take()
}

/// Those of the rows whose every earlier message, where one is still there, is among them too.
///
/// A row that somebody else is about to claim was skipped, and what follows it in its subject may be among `due`. This
/// statement, which begins later, sees that it is there: whoever claims it had it locked by then.
async fn without_gaps(
    tx: &DatabaseTransaction,
    subscriber: &str,
    due: Vec<Model>,
) -> Result<Vec<Model>, DatabaseError> {
    let Some(last) = due.iter().map(|row| row.id).max() else { return Ok(due) };
    let taken: HashSet<i64> = due.iter().map(|row| row.id).collect();
    let subjects: Vec<_> =
        due.iter().map(|row| row.subject_id).collect::<BTreeSet<_>>().into_iter().collect();
    let mut first_gaps: HashMap<Uuid, i64> = HashMap::new();
    for chunk in subjects.chunks(CHUNK) {
        let there: Vec<(Uuid, i64)> = Entity::find()
            .select_only()
            .columns([Column::SubjectId, Column::Id])
            .filter(Column::Subscriber.eq(subscriber))
            .filter(Column::SubjectId.is_in(chunk.iter().copied()))
            .filter(Column::DueAt.is_not_null())
            .filter(Column::Id.lt(last))
            .into_tuple()
            .all(tx)
            .await?;
        for (subject, id) in there.into_iter().filter(|(_, id)| !taken.contains(id)) {
            first_gaps.entry(subject).and_modify(|gap| *gap = Ord::min(id, *gap)).or_insert(id);
        }
    }
    let is_next = |row: &Model| first_gaps.get(&row.subject_id).is_none_or(|gap| row.id < *gap);
    Ok(due.into_iter().filter(is_next).collect())
}

/// Puts aside a message that cannot be read.
async fn bury(tx: &DatabaseTransaction, id: i64, error: &DatabaseError) -> Result<(), DatabaseError> {
    tracing::error!(
        message = id,
        error = error as &dyn std::error::Error,
        "a message of the outbox cannot be read and became a dead letter"
    );
    let mut failure = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        failure += &format!(": {cause}");
    }
    Entity::update_many()
        .set(ActiveModel {
            due_at: ActiveValue::Set(None),
            claim_id: ActiveValue::Set(None),
            failure: ActiveValue::Set(Some(failure)),
            ..ActiveModel::default()
        })
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
