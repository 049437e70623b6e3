use std::collections::hash_map::Entry;

use adstead_domain::port::{EventBatch, PerformanceRepository, PortError, Recorded};
use adstead_domain::{AccountId, KeptRejection};
use async_trait::async_trait;

use super::store::MemoryStore;

pub(super) struct MemoryPerformance(pub(super) MemoryStore);

#[async_trait]
impl PerformanceRepository for MemoryPerformance {
    async fn record(&self, account: AccountId, batch: EventBatch) -> Result<Recorded, PortError> {
        let EventBatch { events, rejected, received_at } = batch;
        let mut world = self.0.world();
        let mut recorded = Recorded::default();
        for event in events {
            match world.events.entry((account, event.id)) {
                Entry::Occupied(_) => recorded.duplicates += 1,
                Entry::Vacant(free) => {
                    free.insert(event);
                    recorded.counted += 1;
                }
            }
        }
        for event in rejected {
            world.rejected.insert((account, event.digest), KeptRejection { event, received_at });
        }
        Ok(recorded)
    }
}
