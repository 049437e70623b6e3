use std::sync::Arc;

use adstead_domain::port::{
    AssetRepository, ByteStream, Clock, FileRules, FileStore, FileStoreExt, IdGenerator,
};
use adstead_domain::{Actor, Asset, AssetId, AssetName, ContentType, Permission};

use super::admit::{Admission, Uploaded, refusal_or_fault};
use crate::Error;

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
    /// Stores the file, then what is known of it: what nobody knows of is an orphan, and no asset lacks its file. Where the
    /// account has an asset of that content, it is answered instead.
    ///
    /// # Errors
    /// [`Error::File`] where the file is not welcome.
    pub async fn execute(&self, actor: &Actor, new: NewAsset) -> Result<Uploaded, Error> {
        actor.must(Permission::Write)?;
        let NewAsset { name, declared, content } = new;
        let id = AssetId::new(self.ids.next());
        let key = Asset::file_key(actor.account_id, id);
        let rules = FileRules { declared, allowed: self.allowed.clone(), max_bytes: self.max_bytes };
        let file = self.files.put_inspected(&key, content, &rules).await.map_err(refusal_or_fault)?;
        let Self { files, assets, clock, ids, .. } = self;
        let (files, assets, clock, ids) = (&**files, &**assets, &**clock, &**ids);
        Admission { files, assets, clock, ids }.admit(actor, id, name, file.inspected).await
    }
}
