use adstead_domain::port::{OutboxEntry, OutboxMessage};
use adstead_domain::{AccountId, DomainEvent, DomainEventId, MessageId, Occurrence, UserId};
use sea_orm::ActiveValue;
use sea_orm::entity::prelude::*;

use super::value::{from_json, instant, json, micros, unsigned};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub(in crate::repositories) struct Model {
    /// Counts up; of messages of one subject, the later one has the greater: whoever writes it holds the subject's row.
    #[sea_orm(primary_key)]
    pub id: i64,
    pub subscriber: String,
    pub account_id: Uuid,
    pub event_id: Uuid,
    pub subject_id: Uuid,
    pub name: String,
    /// The nil UUID where nobody did it.
    pub actor_id: Uuid,
    pub occurred_at: i64,
    pub occurrence: String,
    pub attempts: i32,
    /// When it can be claimed: for a claimed message, when its claim ends; nothing for a dead letter.
    pub due_at: Option<i64>,
    /// Nothing while nobody has claimed it since it became due.
    pub claim_id: Option<Uuid>,
    pub failure: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::repositories) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The message of an event to a subscriber, due at once.
pub(in crate::repositories) fn message(subscriber: &str, event: &DomainEvent) -> ActiveModel {
    let DomainEvent { id, account_id, actor, occurred_at, occurrence } = event;
    ActiveModel {
        id: ActiveValue::NotSet,
        subscriber: ActiveValue::Set(subscriber.to_owned()),
        account_id: ActiveValue::Set(account_id.uuid()),
        event_id: ActiveValue::Set(id.uuid()),
        subject_id: ActiveValue::Set(occurrence.subject()),
        name: ActiveValue::Set(occurrence.name().to_string()),
        actor_id: ActiveValue::Set(actor.map_or(Uuid::nil(), UserId::uuid)),
        occurred_at: ActiveValue::Set(micros(*occurred_at)),
        occurrence: ActiveValue::Set(json(occurrence)),
        attempts: ActiveValue::Set(0),
        // At once, whatever the clocks of other nodes say.
        due_at: ActiveValue::Set(Some(0)),
        claim_id: ActiveValue::Set(None),
        failure: ActiveValue::Set(None),
    }
}

/// The message as its carrier gets it, with the attempt that begins.
impl TryFrom<Model> for OutboxMessage {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model {
            id,
            subscriber: _,
            account_id,
            event_id,
            subject_id: _,
            name: _,
            actor_id,
            occurred_at,
            occurrence,
            attempts,
            due_at: _,
            claim_id: _,
            failure: _,
        } = row;
        let occurrence: Occurrence = from_json("outbox.occurrence", &occurrence)?;
        let event = DomainEvent {
            id: DomainEventId::new(event_id),
            account_id: AccountId::new(account_id),
            actor: (!actor_id.is_nil()).then(|| UserId::new(actor_id)),
            occurred_at: instant("outbox.occurred_at", occurred_at)?,
            occurrence,
        };
        let attempts: u32 = unsigned("outbox.attempts", attempts.into())?;
        Ok(Self { id: MessageId::new(id), event, attempts: attempts.saturating_add(1) })
    }
}

impl TryFrom<Model> for OutboxEntry {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model {
            id,
            subscriber,
            account_id,
            event_id,
            subject_id: _,
            name,
            actor_id: _,
            occurred_at,
            occurrence: _,
            attempts,
            due_at,
            claim_id: _,
            failure,
        } = row;
        Ok(Self {
            id: MessageId::new(id),
            subscriber,
            account_id: AccountId::new(account_id),
            event_id: DomainEventId::new(event_id),
            name,
            occurred_at: instant("outbox.occurred_at", occurred_at)?,
            attempts: unsigned("outbox.attempts", attempts.into())?,
            due_at: due_at.map(|at| instant("outbox.due_at", at.max(occurred_at))).transpose()?,
            failure,
        })
    }
}
