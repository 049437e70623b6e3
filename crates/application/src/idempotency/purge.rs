use std::sync::Arc;

use adstead_domain::port::{Clock, IdempotencyRepository};

use crate::Error;

/// Makes room by removing keys of calls whose time is over. Nobody waits for it: such a key counts as free already.
pub struct PurgeIdempotencyKeys {
    /// Where keys are kept.
    pub keys: Arc<dyn IdempotencyRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl PurgeIdempotencyKeys {
    /// Keys of one write, so that none holds others up.
    const BATCH: u32 = 500;

    /// Removes the keys that are over by now, in small writes; how many they were.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails; what was removed by then stays removed.
    pub async fn execute(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut purged = 0;
        loop {
            let batch = self.keys.purge(now, Self::BATCH).await?;
            purged += u64::from(batch);
            if batch < Self::BATCH {
                return Ok(purged);
            }
        }
    }
}
