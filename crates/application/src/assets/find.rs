use std::ops::Range;
use std::sync::Arc;

use adstead_domain::port::{AssetRepository, ByteStream, FileStore, PortError, PortErrorKind};
use adstead_domain::{Actor, Asset, AssetId, Page, PageRequest, Permission};

use crate::Error;

/// Finds creative files.
pub struct FindAssets {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub assets: Arc<dyn AssetRepository>,
}

impl FindAssets {
    /// What is known of the asset with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, actor: &Actor, id: AssetId) -> Result<Asset, Error> {
        actor.must(Permission::Read)?;
        let found = self.assets.get(actor.account_id, id).await?;
        found.ok_or_else(|| Error::not_found("asset", id))
    }

    /// A page of assets.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn list(&self, actor: &Actor, page: PageRequest) -> Result<Page<Asset>, Error> {
        actor.must(Permission::Read)?;
        Ok(self.assets.list(actor.account_id, page).await?)
    }

    /// The content of an asset that the caller has been given, or a range of its bytes.
    ///
    /// # Errors
    /// [`Error::Port`] where the file is gone although its asset is there.
    pub async fn content(&self, asset: &Asset, range: Option<Range<u64>>) -> Result<ByteStream, Error> {
        let key = Asset::file_key(asset.account_id, asset.id);
        let found = self.files.get(&key, range).await?;
        let found = found.ok_or_else(|| PortError::new(PortErrorKind::Corrupt, "files.get"))?;
        Ok(found.bytes)
    }
}
