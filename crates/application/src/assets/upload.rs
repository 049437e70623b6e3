use std::sync::Arc;

use adstead_domain::port::{
    AssetRepository, ByteStream, Clock, FileRefusal, FileRules, FileStore, IdGenerator, PortError, StoredFile,
};
use adstead_domain::{Actor, Asset, AssetChange, AssetId, AssetName, ContentType, Permission};

use crate::Error;
use crate::happened::happened;

/// Takes a creative file in.
pub struct UploadAsset {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub assets: Arc<dyn AssetRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// The types that are welcome.
    pub allowed: Vec<ContentType>,
    /// The largest size in bytes.
    pub max_bytes: u64,
}

/// A file that arrives.
pub struct NewAsset {
    /// What people call it.
    pub name: AssetName,
    /// The type that its sender says it has.
    pub declared: Option<ContentType>,
    /// Its bytes.
    pub content: ByteStream,
}

impl UploadAsset {
    /// Stores the file, then what is known of it: what nobody knows of is an orphan, and no asset lacks its file.
    ///
    /// # Errors
    /// [`Error::File`] where the file is not welcome.
    pub async fn execute(&self, actor: &Actor, new: NewAsset) -> Result<Asset, Error> {
        actor.must(Permission::Write)?;
        let NewAsset { name, declared, content } = new;
        let id = AssetId::new(self.ids.next());
        let key = Asset::file_key(actor.account_id, id);
        let rules = FileRules { declared, allowed: self.allowed.clone(), max_bytes: self.max_bytes };
        let stored = self.files.put(&key, content, &rules).await.map_err(refusal_or_fault)?;
        let StoredFile { content_type, size_bytes, sha256, dimensions } = stored;
        let asset = Asset {
            id,
            account_id: actor.account_id,
            name,
            content_type,
            size_bytes,
            sha256,
            dimensions,
            uploaded_by: actor.user_id,
            created_at: self.clock.now(),
        };
        let uploaded = asset.occurrence(AssetChange::Uploaded);
        let event = happened(self.ids.as_ref(), actor, uploaded, asset.created_at);
        if let Err(error) = self.assets.insert(&asset, &[event]).await {
            if let Err(left) = self.files.delete(&key).await {
                tracing::warn!(%key, error = &left as &dyn std::error::Error, "a file without an asset was left behind");
            }
            return Err(error.into());
        }
        Ok(asset)
    }
}

fn refusal_or_fault(error: PortError) -> Error {
    match error.source.as_ref().and_then(|source| source.downcast_ref::<FileRefusal>()) {
        Some(refusal) => Error::File(refusal.clone()),
        None => Error::Port(error),
    }
}
