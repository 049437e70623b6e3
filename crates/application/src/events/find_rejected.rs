use std::sync::Arc;

use adstead_domain::port::EventArchive;
use adstead_domain::{Actor, KeptRejection, Page, PageRequest, Permission};

use crate::Error;

/// Finds what was sent and does not count, for whoever sends events.
pub struct FindRejectedEvents {
    /// Where rejected events are kept.
    pub archive: Arc<dyn EventArchive>,
}

impl FindRejectedEvents {
    /// A page of the account's rejected events, the last received first.
    ///
    /// # Errors
    /// [`Error::Rules`] for whoever may not send events.
    pub async fn list(&self, actor: &Actor, page: PageRequest) -> Result<Page<KeptRejection>, Error> {
        actor.must(Permission::Write)?;
        Ok(self.archive.rejected(actor.account_id, page).await?)
    }
}
