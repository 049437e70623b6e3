use adstead_domain::port::{DisabledService, PortError, ServiceSwitches};
use async_trait::async_trait;
use jiff::Timestamp;

use super::store::MemoryStore;

pub(super) struct MemoryServiceSwitches(pub(super) MemoryStore);

#[async_trait]
impl ServiceSwitches for MemoryServiceSwitches {
    async fn disabled(&self) -> Result<Vec<DisabledService>, PortError> {
        let world = self.0.world();
        let disabled = world.disabled_services.iter();
        Ok(disabled.map(|(name, since)| DisabledService { name: name.clone(), since: *since }).collect())
    }

    async fn disable(&self, name: &str, now: Timestamp) -> Result<(), PortError> {
        self.0.world().disabled_services.entry(name.to_owned()).or_insert(now);
        Ok(())
    }

    async fn enable(&self, name: &str) -> Result<bool, PortError> {
        Ok(self.0.world().disabled_services.remove(name).is_some())
    }
}
