use std::sync::Arc;

use adstead_domain::port::{Alerts, Chain, Clock};
use adstead_domain::{DeliveryChange, DomainEvent, MessageId, Occurrence};

use crate::alerts::event_id;

/// Tells of news that never arrive.
#[derive(Clone)]
pub struct Undeliverable {
    /// What was told.
    pub alerts: Arc<dyn Alerts>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Undeliverable {
    /// Tells of dead letters: once an hour for each subscriber and account, since where one cannot be told, many cannot. Of one
    /// that is itself such news nothing is told, which would have no end.
    pub(super) async fn tell(&self, subscriber: &str, dead: &[(MessageId, DomainEvent)]) {
        for (id, event) in dead {
            if matches!(event.occurrence, Occurrence::Delivery { .. }) {
                continue;
            }
            let now = self.clock.now();
            let hour = now.as_second().div_euclid(3_600);
            let key = format!("dead:{subscriber}:{}:{hour}", event.account_id);
            let occurrence = Occurrence::Delivery {
                change: DeliveryChange::DeadLettered,
                subscriber: subscriber.to_owned(),
                event: event.occurrence.name().to_string(),
                event_id: event.id,
            };
            let found = DomainEvent::found(event_id(&key), event.account_id, occurrence, now);
            if let Err(error) = self.alerts.raise(&key, &found).await {
                tracing::error!(message_id = %id, error = %Chain(&error), "nobody was told of a dead letter");
            }
        }
    }
}
