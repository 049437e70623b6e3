use adstead_domain::DomainEvent;
use adstead_domain::port::{Alerts, PortError};
use async_trait::async_trait;
use jiff::Timestamp;

use super::store::{MemoryStore, World};

pub(super) struct MemoryAlerts(pub(super) MemoryStore);

#[async_trait]
impl Alerts for MemoryAlerts {
    async fn raise(&self, key: &str, event: &DomainEvent) -> Result<bool, PortError> {
        let mut world = self.0.world();
        let is_new = world.take(key, event.occurred_at);
        if is_new {
            world.publish(std::slice::from_ref(event));
        }
        Ok(is_new)
    }

    async fn take(&self, key: &str, now: Timestamp) -> Result<bool, PortError> {
        Ok(self.0.world().take(key, now))
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, PortError> {
        let alerts = &mut self.0.world().alerts;
        let all = alerts.len();
        alerts.retain(|_, raised_at| *raised_at >= before);
        Ok((all - alerts.len()) as u64)
    }
}

impl World {
    fn take(&mut self, key: &str, now: Timestamp) -> bool {
        let is_new = !self.alerts.contains_key(key);
        if is_new {
            self.alerts.insert(key.to_owned(), now);
        }
        is_new
    }
}
