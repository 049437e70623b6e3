use std::sync::atomic::{AtomicBool, Ordering};

use adstead_domain::port::{DatabaseStatistics, PortError, PortErrorKind, SystemStatistics, SystemStatus};
use async_trait::async_trait;

/// A system that is in order until a test says otherwise, and has counted nothing.
#[derive(Debug, Default)]
pub struct MemorySystem {
    down: AtomicBool,
}

impl MemorySystem {
    /// From now on requests cannot be served.
    pub fn goes_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl SystemStatus for MemorySystem {
    async fn ready(&self) -> Result<(), PortError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(
                PortError::new(PortErrorKind::Unavailable, "system.ready").with_source("no route to host")
            );
        }
        Ok(())
    }

    fn statistics(&self) -> SystemStatistics {
        let database = DatabaseStatistics { engine: "memory", ..DatabaseStatistics::default() };
        SystemStatistics { database, ..SystemStatistics::default() }
    }
}
