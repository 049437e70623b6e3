use std::sync::Arc;

use adstead_domain::port::{AdFilter, AdRepository};
use adstead_domain::{Actor, Ad, AdId, Page, PageRequest, Permission};

use crate::Error;

/// Finds ads.
pub struct FindAds {
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
}

impl FindAds {
    /// The ad with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, actor: &Actor, id: AdId) -> Result<Ad, Error> {
        actor.must(Permission::Read)?;
        let found = self.ads.get(actor.account_id, id).await?;
        found.ok_or_else(|| Error::not_found("ad", id))
    }

    /// A page of ads.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn list(&self, actor: &Actor, filter: AdFilter, page: PageRequest) -> Result<Page<Ad>, Error> {
        actor.must(Permission::Read)?;
        Ok(self.ads.list(actor.account_id, filter, page).await?)
    }
}
