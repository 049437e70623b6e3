use std::sync::Arc;

use adstead_domain::port::{Alerts, Clock, SubscriptionRepository};
use adstead_domain::{DomainEvent, Occurrence, ServiceChange};

use super::event_id;
use crate::Error;

/// Tells those who subscribed when an external service is down, and when it is up again: at most once an hour each, however many
/// nodes see it.
pub struct WatchServices {
    /// Who wants to be told.
    pub subscriptions: Arc<dyn SubscriptionRepository>,
    /// What was told.
    pub alerts: Arc<dyn Alerts>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// A service as a node saw it change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenService {
    /// Its name in the settings.
    pub name: String,
    /// What happened to it.
    pub change: ServiceChange,
}

impl WatchServices {
    /// Tells of changes; how many events that made.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn execute(&self, seen: &[SeenService]) -> Result<usize, Error> {
        if seen.is_empty() {
            return Ok(0);
        }
        let now = self.clock.now();
        let hour = now.as_second().div_euclid(3_600);
        let accounts = self.subscriptions.accounts().await?;
        let mut raised = 0;
        for SeenService { name, change } in seen {
            for account in &accounts {
                let key = format!("service:{account}:{change}:{hour}:{name}");
                let occurrence = Occurrence::Service { change: *change, name: name.clone() };
                let event = DomainEvent::found(event_id(&key), *account, occurrence, now);
                raised += usize::from(self.alerts.raise(&key, &event).await?);
            }
        }
        Ok(raised)
    }
}
