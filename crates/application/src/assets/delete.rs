use std::sync::Arc;

use adstead_domain::port::{AdRepository, AssetRepository, FileStore, PortErrorKind};
use adstead_domain::{Actor, Asset, AssetId, Permission};

use crate::Error;

/// Removes a creative file that no ad shows.
pub struct DeleteAsset {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub assets: Arc<dyn AssetRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
}

impl DeleteAsset {
    /// Removes the asset, then its file.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] naming the ads that show it.
    pub async fn execute(&self, actor: &Actor, id: AssetId) -> Result<(), Error> {
        actor.must(Permission::Write)?;
        match self.assets.delete(actor.account_id, id).await {
            Ok(true) => {}
            Ok(false) => return Err(Error::not_found("asset", id)),
            Err(error) if error.kind == PortErrorKind::Conflict => {
                let showing = self.ads.showing(actor.account_id, id).await?;
                return Err(Asset::shown_by(&showing).into());
            }
            Err(error) => return Err(error.into()),
        }
        self.files.delete(&Asset::file_key(actor.account_id, id)).await?;
        Ok(())
    }
}
