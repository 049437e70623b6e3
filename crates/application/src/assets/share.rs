use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{AssetRepository, Clock, FileStore, PresignGet};
use adstead_domain::{Actor, AssetId, Permission};
use jiff::Timestamp;

use crate::Error;

/// Gives the content of a creative file to somebody without an account, for a while.
pub struct ShareAsset {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub assets: Arc<dyn AssetRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Where an asset's content can be read without an account.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedAsset {
    /// The address; one that begins with `/` is of the API.
    pub url: String,
    /// The moment from which it is worth nothing.
    pub expires_at: Timestamp,
}

impl ShareAsset {
    /// The longest time for which a link is good: 7 days, which is as far as S3's signatures go.
    pub const MAX_TIME: Duration = Duration::from_secs(7 * 24 * 3_600);

    /// A link to the asset that is good for that time. `content_disposition` is what its answer says under that name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn execute(
        &self,
        actor: &Actor,
        id: AssetId,
        expires_in: Duration,
        content_disposition: impl FnOnce(&str) -> String,
    ) -> Result<SharedAsset, Error> {
        actor.must(Permission::Read)?;
        let found = self.assets.get(actor.account_id, id).await?;
        let asset = found.ok_or_else(|| Error::not_found("asset", id))?;
        let terms = PresignGet {
            expires_in,
            content_type: Some(asset.content_type.into()),
            content_disposition: Some(content_disposition(asset.name.as_str())),
        };
        let expires_at = self.clock.now().saturating_add(expires_in).unwrap_or(Timestamp::MAX);
        let request = self.files.presign_get(&asset.key(), &terms).await?;
        Ok(SharedAsset { url: request.url, expires_at })
    }
}
