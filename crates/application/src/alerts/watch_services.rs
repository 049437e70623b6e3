use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adstead_domain::port::{Alerts, Clock, SubscriptionRepository};
use adstead_domain::{DomainEvent, Occurrence, ServiceChange};
use jiff::Timestamp;

use super::event_id;
use crate::Error;

/// Tells those who subscribed when an external service is down, and when it is up again: each at most once an hour, however many
/// nodes see it. What changes back and forth is told of again in the next hour, so that the last word is how it stands.
pub struct WatchServices {
    /// Who wants to be told.
    pub subscriptions: Arc<dyn SubscriptionRepository>,
    /// What was told.
    pub alerts: Arc<dyn Alerts>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What this node told.
    pub told: ToldServices,
}

/// A service as a node sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenService {
    /// Its name in the settings.
    pub name: String,
    /// What happened to it last.
    pub change: ServiceChange,
}

/// What was told of services, in which hour.
#[derive(Debug, Default)]
pub struct ToldServices(Mutex<BTreeMap<String, Told>>);

/// What was told of a service. Before that, it is taken to be up.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    is_down: bool,
    down_in: Option<i64>,
    up_in: Option<i64>,
}

impl Told {
    fn knows(self, change: ServiceChange) -> bool {
        self.is_down == (change == ServiceChange::Down)
    }

    const fn hour(&mut self, change: ServiceChange) -> &mut Option<i64> {
        match change {
            ServiceChange::Down => &mut self.down_in,
            ServiceChange::Up => &mut self.up_in,
        }
    }
}

impl WatchServices {
    /// Tells of what changed; how many events that made.
    ///
    /// # Errors
    /// [`Error::Port`]; it is then told of in the next look.
    pub async fn execute(&self, seen: &[SeenService]) -> Result<usize, Error> {
        let now = self.clock.now();
        let hour = now.as_second().div_euclid(3_600);
        let mut raised = 0;
        for service in seen {
            let mut told = self.told.services().get(&service.name).copied().unwrap_or_default();
            if told.knows(service.change) || *told.hour(service.change) == Some(hour) {
                continue;
            }
            raised += self.tell(service, hour, now).await?;
            *told.hour(service.change) = Some(hour);
            told.is_down = service.change == ServiceChange::Down;
            self.told.services().insert(service.name.clone(), told);
        }
        Ok(raised)
    }

    async fn tell(&self, service: &SeenService, hour: i64, now: Timestamp) -> Result<usize, Error> {
        let SeenService { name, change } = service;
        let mut raised = 0;
        for account in self.subscriptions.accounts().await? {
            let key = format!("service:{account}:{change}:{hour}:{name}");
            let occurrence = Occurrence::Service { change: *change, name: name.clone() };
            let event = DomainEvent::found(event_id(&key), account, occurrence, now);
            raised += usize::from(self.alerts.raise(&key, &event).await?);
        }
        Ok(raised)
    }
}

impl ToldServices {
    fn services(&self) -> MutexGuard<'_, BTreeMap<String, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
