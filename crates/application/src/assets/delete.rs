use std::sync::Arc;

use adstead_domain::port::{AdRepository, AssetRepository, FileStore};
use adstead_domain::{Actor, Asset, AssetId, Permission, Violation};

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
        let showing = self.ads.showing(actor.account_id, id).await?;
        if !showing.is_empty() {
            let ads = showing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let message =
                format!("the asset is shown by the ads {ads}: take it out of them or archive them first");
            return Err(Violation::state(message).into());
        }
        if !self.assets.delete(actor.account_id, id).await? {
            return Err(Error::not_found("asset", id));
        }
        self.files.delete(&Asset::file_key(actor.account_id, id)).await?;
        Ok(())
    }
}
