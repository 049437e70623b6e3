use std::sync::Arc;

use adstead_domain::port::{AdRepository, AssetRepository, Clock, IdGenerator};
use adstead_domain::{Actor, Ad, AdEdit, AdId, Permission, Version};

use super::{not_written, require_assets};
use crate::Error;
use crate::error::expect_version;
use crate::happened::happened;

/// Changes an ad.
pub struct EditAd {
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// What is known of files.
    pub assets: Arc<dyn AssetRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl EditAd {
    /// Changes the ad, which must be at version `seen` where one is given.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], or [`Error::Rules`].
    pub async fn execute(
        &self,
        actor: &Actor,
        id: AdId,
        edit: AdEdit,
        seen: Option<Version>,
    ) -> Result<Ad, Error> {
        actor.must(Permission::Write)?;
        let found = self.ads.get(actor.account_id, id).await?;
        let mut ad = found.ok_or_else(|| Error::not_found("ad", id))?;
        expect_version(seen, ad.version)?;
        let files_change = edit.assets.is_some();
        let now = self.clock.now();
        let change = ad.edit(edit, actor.user_id, now)?;
        if files_change {
            require_assets(self.assets.as_ref(), actor.account_id, &ad.content.assets).await?;
        }
        let event = happened(self.ids.as_ref(), actor, ad.occurrence(change), now);
        match self.ads.update(&ad, &[event]).await {
            Ok(version) => Ok(Ad { version, ..ad }),
            Err(error) => Err(not_written(error, self.assets.as_ref(), &ad).await),
        }
    }
}
