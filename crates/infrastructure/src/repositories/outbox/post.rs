//! Queues of those of whom the repositories do not know.

use std::collections::BTreeSet;

use adstead_domain::DomainEvent;
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Order};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::super::entity::outbox::{ActiveModel, Column, Entity, message};
use super::super::entity::value::micros;
use super::CHUNK;
use super::claim::an_earlier_one;
use crate::database::{DatabaseError, DatabaseManager};

/// Stores a message for each of the events that the subscriber has none of.
pub(super) async fn post(
    tx: &DatabaseTransaction,
    subscriber: &str,
    events: &[DomainEvent],
    due_at: Option<Timestamp>,
) -> Result<(), DatabaseError> {
    for chunk in events.chunks(CHUNK) {
        let there: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::EventId)
            .filter(Column::Subscriber.eq(subscriber))
            .filter(Column::SubjectId.is_in(chunk.iter().map(|event| event.occurrence.subject())))
            .into_tuple()
            .all(tx)
            .await?;
        let there: BTreeSet<_> = there.into_iter().collect();
        let new = chunk.iter().filter(|event| !there.contains(&event.id.uuid()));
        let new: Vec<_> = new.map(|event| due(message(subscriber, event), due_at)).collect();
        if !new.is_empty() {
            Entity::insert_many(new).exec_without_returning(tx).await?;
        }
    }
    Ok(())
}

fn due(message: ActiveModel, at: Option<Timestamp>) -> ActiveModel {
    match at {
        None => message,
        Some(at) => ActiveModel { due_at: ActiveValue::Set(Some(micros(at))), ..message },
    }
}

/// Who of those whose names begin so has something due, those first who have waited longest.
pub(super) async fn subscribers_due(
    database: &DatabaseManager,
    prefix: &str,
    most: u32,
    now: Timestamp,
) -> Result<Vec<String>, DatabaseError> {
    database
        .read(async |database| {
            let names = Entity::find()
                .select_only()
                .column(Column::Subscriber)
                // A range of the index, where `LIKE` would need an escape and another collation.
                .filter(Column::Subscriber.gte(prefix))
                .filter(Column::Subscriber.lt(after(prefix)))
                .filter(Column::DueAt.lte(micros(now)))
                .filter(Expr::exists(an_earlier_one()).not())
                .group_by(Column::Subscriber)
                .order_by(Expr::col(Column::DueAt).min(), Order::Asc)
                .limit(u64::from(most))
                .into_tuple()
                .all(database)
                .await?;
            Ok(names)
        })
        .await
}

/// The first text after all that begin with `prefix`: its last character is the next one.
fn after(prefix: &str) -> String {
    let mut characters: Vec<_> = prefix.chars().collect();
    if let Some(last) = characters.last_mut() {
        *last = char::from_u32(u32::from(*last) + 1).unwrap_or(char::MAX);
    }
    characters.into_iter().collect()
}
