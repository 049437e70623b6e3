use adstead_domain::port::{
    AssetRepository, Chain, Clock, FileRefusal, FileStore, IdGenerator, PortError, PortErrorKind,
};
use adstead_domain::{Actor, Asset, AssetChange, AssetId, AssetName, Inspected};

use crate::Error;
use crate::happened::happened;

/// A file that was taken in.
#[derive(Debug)]
pub struct Uploaded {
    /// The asset that it is.
    pub asset: Asset,
    /// Whether it is new; where the account had that content already, it is the asset that it had.
    pub is_new: bool,
}

/// What an asset is made with, once its file stands where it belongs.
pub(super) struct Admission<'a> {
    pub(super) files: &'a dyn FileStore,
    pub(super) assets: &'a dyn AssetRepository,
    pub(super) clock: &'a dyn Clock,
    pub(super) ids: &'a dyn IdGenerator,
}

impl Admission<'_> {
    /// Stores what is known of a file; where the account has that content already, its file goes again.
    pub(super) async fn admit(
        &self,
        actor: &Actor,
        id: AssetId,
        name: AssetName,
        inspected: Inspected,
    ) -> Result<Uploaded, Error> {
        let Inspected { content_type, size_bytes, sha256, dimensions } = inspected;
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
        let event = happened(self.ids, actor, asset.occurrence(AssetChange::Uploaded), asset.created_at);
        let Err(error) = self.assets.insert(&asset, &[event]).await else {
            return Ok(Uploaded { asset, is_new: true });
        };
        let known = match error.kind {
            PortErrorKind::Conflict => self.assets.of_content(actor.account_id, sha256).await?,
            // Nobody knows whether it is stored: if it is, it needs its file.
            PortErrorKind::Timeout => return Err(error.into()),
            _ => None,
        };
        self.discard(&asset).await;
        known.map(|asset| Uploaded { asset, is_new: false }).ok_or_else(|| error.into())
    }

    /// Removes the file of an asset that does not come to be. Where that fails, it is collected as an orphan later.
    async fn discard(&self, asset: &Asset) {
        let key = asset.key();
        if let Err(left) = self.files.delete(&key).await {
            tracing::warn!(%key, error = %Chain(&left), "a file without an asset was left behind");
        }
    }
}

/// The refusal of a file as its sender should read it, or the fault of a port.
pub(super) fn refusal_or_fault(error: PortError) -> Error {
    match error.source.as_ref().and_then(|source| source.downcast_ref::<FileRefusal>()) {
        Some(refusal) => Error::File(refusal.clone()),
        None => Error::Port(error),
    }
}
