use std::collections::hash_map::Entry;

use adstead_domain::port::{EventBatch, PerformanceRepository, PortError, Recorded};
use adstead_domain::{AccountId, EventKind, KeptRejection};
use async_trait::async_trait;

use super::store::MemoryStore;

pub(super) struct MemoryPerformance(pub(super) MemoryStore);

#[async_trait]
impl PerformanceRepository for MemoryPerformance {
    async fn record(&self, account: AccountId, batch: EventBatch) -> Result<Recorded, PortError> {
        let EventBatch { events, rejected, mut conversions, received_at } = batch;
        let mut world = self.0.world();
        let mut recorded = Recorded::default();
        let mut told = Vec::new();
        for event in events {
            match world.events.entry((account, event.id)) {
                Entry::Occupied(_) => recorded.duplicates += 1,
                Entry::Vacant(free) => {
                    if event.kind == EventKind::Conversion {
                        told.extend(conversions.remove(&event.id));
                    }
                    free.insert(event);
                    recorded.counted += 1;
                }
            }
        }
        world.publish(&told);
        for event in rejected {
            world.rejected.insert((account, event.digest), KeptRejection { event, received_at });
        }
        Ok(recorded)
    }
}
