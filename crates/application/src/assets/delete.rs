use std::sync::Arc;

use adstead_domain::port::{AdRepository, AssetRepository, Clock, FileStore, IdGenerator, PortErrorKind};
use adstead_domain::{Actor, Asset, AssetChange, AssetId, Permission};

use crate::Error;
use crate::happened::happened;

/// Removes a creative file that no ad shows.
pub struct DeleteAsset {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub assets: Arc<dyn AssetRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl DeleteAsset {
    /// Removes the asset, then its file and what was made of it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] naming the ads that show it.
    pub async fn execute(&self, actor: &Actor, id: AssetId) -> Result<(), Error> {
        actor.must(Permission::Write)?;
        let found = self.assets.get(actor.account_id, id).await?;
        let asset = found.ok_or_else(|| Error::not_found("asset", id))?;
        let deleted = asset.occurrence(AssetChange::Deleted);
        let event = happened(self.ids.as_ref(), actor, deleted, self.clock.now());
        match self.assets.delete(actor.account_id, id, &[event]).await {
            Ok(true) => {}
            Ok(false) => return Err(Error::not_found("asset", id)),
            Err(error) if error.kind == PortErrorKind::Conflict => {
                let showing = self.ads.showing(actor.account_id, id).await?;
                return Err(Asset::shown_by(&showing).into());
            }
            Err(error) => return Err(error.into()),
        }
        // What is left behind by an error is collected as an orphan later.
        let renditions =
            self.files.list(Some(&Asset::renditions_key(actor.account_id, id)), None, 1_000).await?;
        let mut keys = renditions.files.into_iter().map(|file| file.key).collect::<Vec<_>>();
        keys.push(asset.key());
        Ok(self.files.delete_many(&keys).await?)
    }
}
