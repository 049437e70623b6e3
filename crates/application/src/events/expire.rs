use std::sync::Arc;

use adstead_domain::Retention;
use adstead_domain::port::{Clock, EventArchive, Expired};

use crate::Error;

/// Deletes the events that are older than their retention. It is the server's own business, so nobody has to be logged in;
/// several may do it at a time.
pub struct ExpireEvents {
    /// Where events are kept.
    pub archive: Arc<dyn EventArchive>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// For how long events are kept.
    pub retention: Retention,
}

impl ExpireEvents {
    /// Deletes them, and answers how many they were. What they add up to stays.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails; what is left is deleted the next time.
    pub async fn execute(&self) -> Result<Expired, Error> {
        Ok(self.archive.expire(self.retention.expires_before(self.clock.now())).await?)
    }
}
