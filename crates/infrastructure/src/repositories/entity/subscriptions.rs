use adstead_domain::{AccountId, Subscription, SubscriptionId, Suspension, UserId};
use sea_orm::entity::prelude::*;

use super::value::{from_json, instant, json, micros, number, parsed, version};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub(in crate::repositories) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub events: String,
    /// With what messages are signed with.
    pub destination: String,
    pub timing: String,
    pub suspended: Option<String>,
    pub suspended_at: Option<i64>,
    pub created_at: i64,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::repositories) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Subscription> for Model {
    fn from(subscription: &Subscription) -> Self {
        let Subscription {
            id,
            account_id,
            user_id,
            events,
            destination,
            timing,
            suspended,
            created_at,
            version,
        } = subscription;
        Self {
            account_id: account_id.uuid(),
            id: id.uuid(),
            user_id: user_id.uuid(),
            events: json(events),
            destination: json(destination),
            timing: json(timing),
            suspended: suspended.map(|suspension| suspension.reason.as_str().to_owned()),
            suspended_at: suspended.map(|suspension| micros(suspension.since)),
            created_at: micros(*created_at),
            version: number(*version),
        }
    }
}

impl TryFrom<Model> for Subscription {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model {
            account_id,
            id,
            user_id,
            events,
            destination,
            timing,
            suspended,
            suspended_at,
            created_at,
            version: number,
        } = row;
        let suspended = suspended.zip(suspended_at).map(|(reason, since)| {
            Ok::<_, DatabaseError>(Suspension {
                reason: parsed("subscriptions.suspended", &reason)?,
                since: instant("subscriptions.suspended_at", since)?,
            })
        });
        Ok(Self {
            id: SubscriptionId::new(id),
            account_id: AccountId::new(account_id),
            user_id: UserId::new(user_id),
            events: from_json("subscriptions.events", &events)?,
            destination: from_json("subscriptions.destination", &destination)?,
            timing: from_json("subscriptions.timing", &timing)?,
            suspended: suspended.transpose()?,
            created_at: instant("subscriptions.created_at", created_at)?,
            version: version(number),
        })
    }
}
