use std::sync::Arc;

use adstead_domain::MessageId;
use adstead_domain::port::{Clock, Outbox, OutboxEntry, OutboxSelection};

use crate::Error;

/// Looks at messages that were not delivered, and decides on them. It is the operator's business, so nobody has to be logged
/// in.
pub struct ManageOutbox {
    /// Where messages are kept.
    pub outbox: Arc<dyn Outbox>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl ManageOutbox {
    /// Entries of the selection, those first that were stored first: at most so many, after the given one.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn list(
        &self,
        selection: &OutboxSelection,
        after: Option<MessageId>,
        most: u32,
    ) -> Result<Vec<OutboxEntry>, Error> {
        Ok(self.outbox.list(selection, after, most).await?)
    }

    /// Has dead and postponed messages of the selection delivered at once; how many they are.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn retry(&self, selection: &OutboxSelection) -> Result<u64, Error> {
        Ok(self.outbox.retry(selection, self.clock.now()).await?)
    }

    /// Removes messages of the selection, so that nobody is ever told; how many they were.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn purge(&self, selection: &OutboxSelection) -> Result<u64, Error> {
        Ok(self.outbox.purge(selection, self.clock.now()).await?)
    }
}
