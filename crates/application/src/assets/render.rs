use std::ops::Range;
use std::sync::Arc;

use adstead_domain::port::{
    AssetRepository, ByteStream, FileInfo, FileStore, ImageRenderer, PortError, PortErrorKind, PutOptions,
};
use adstead_domain::{Actor, Asset, AssetId, Permission, Rendition};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};

use super::admit::refusal_or_fault;
use crate::Error;

/// Makes images in the sizes that platforms ask for, each once.
pub struct RenderAsset {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub assets: Arc<dyn AssetRepository>,
    /// What makes them.
    pub renderer: Arc<dyn ImageRenderer>,
}

impl RenderAsset {
    /// The asset, and the renditions that there are of it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn list(&self, actor: &Actor, id: AssetId) -> Result<(Asset, Vec<Rendition>), Error> {
        let asset = self.asset(actor, id).await?;
        let renditions = Rendition::all_of(&asset);
        Ok((asset, renditions))
    }

    /// The asset and its rendition of this name.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] where there is no such rendition of it.
    pub async fn find(&self, actor: &Actor, id: AssetId, name: &str) -> Result<(Asset, Rendition), Error> {
        let asset = self.asset(actor, id).await?;
        let rendition = Rendition::named(&asset, name)?;
        Ok((asset, rendition))
    }

    /// What is known of the rendition's file, which is made where nobody asked for it before.
    ///
    /// # Errors
    /// [`Error::File`] where the image cannot be read.
    pub async fn make(&self, asset: &Asset, rendition: Rendition) -> Result<FileInfo, Error> {
        let key = rendition.key(asset.account_id, asset.id);
        if let Some(made) = self.files.head(&key).await? {
            return Ok(made);
        }
        let image = self.image(asset).await?;
        let made = self.renderer.render(image, rendition).await.map_err(refusal_or_fault)?;
        let options = PutOptions {
            size_bytes: Some(made.len() as u64),
            content_type: Some(rendition.content_type.into()),
            ..PutOptions::default()
        };
        // Whoever makes it at the same time makes the same.
        self.files.put(&key, stream::iter([Ok(made)]).boxed(), &options).await?;
        self.files.head(&key).await?.ok_or_else(|| Error::not_found("asset", asset.id))
    }

    /// The bytes of a rendition that was made, or a range of them.
    ///
    /// # Errors
    /// [`Error::NotFound`] where its asset was deleted meanwhile.
    pub async fn content(
        &self,
        asset: &Asset,
        rendition: Rendition,
        range: Option<Range<u64>>,
    ) -> Result<ByteStream, Error> {
        let found = self.files.get(&rendition.key(asset.account_id, asset.id), range).await?;
        Ok(found.ok_or_else(|| Error::not_found("asset", asset.id))?.bytes)
    }

    async fn asset(&self, actor: &Actor, id: AssetId) -> Result<Asset, Error> {
        actor.must(Permission::Read)?;
        let found = self.assets.get(actor.account_id, id).await?;
        found.ok_or_else(|| Error::not_found("asset", id))
    }

    async fn image(&self, asset: &Asset) -> Result<Bytes, Error> {
        let found = self.files.get(&asset.key(), None).await?;
        let found = found.ok_or_else(|| PortError::new(PortErrorKind::Corrupt, "files.get"))?;
        let pieces = found.bytes.try_collect::<Vec<_>>().await?;
        Ok(pieces.concat().into())
    }
}
