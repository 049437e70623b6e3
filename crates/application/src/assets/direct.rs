//! Uploads that go past us: the sender stores the file where only we look, and tells us; then we look at it.

use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{
    AssetRepository, Clock, FileRefusal, FileRules, FileStore, FileStoreExt, IdGenerator, PresignPut,
    SignedRequest,
};
use adstead_domain::{
    Actor, Asset, AssetId, AssetName, ContentType, Permission, SigningKey, UploadId, UploadTicket,
};
use jiff::Timestamp;

use super::admit::{Admission, Uploaded, refusal_or_fault};
use crate::Error;

/// Prepares an upload that goes past us.
pub struct BeginUpload {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// What tickets are sealed with.
    pub key: SigningKey,
    /// The types that are welcome.
    pub allowed: Vec<ContentType>,
    /// The largest size in bytes.
    pub max_bytes: u64,
    /// For how long the file may be stored.
    pub expires_in: Duration,
}

/// A file that will be stored.
pub struct PlannedAsset {
    /// What people call it.
    pub name: AssetName,
    /// Its type.
    pub content_type: ContentType,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// An upload that may begin.
#[derive(Debug)]
pub struct BegunUpload {
    /// Names the upload to [`CompleteUpload`].
    pub ticket: String,
    /// Stores the file.
    pub request: SignedRequest,
    /// The moment from which the request is worth nothing.
    pub expires_at: Timestamp,
}

impl BeginUpload {
    /// A request with which the file can be stored in quarantine.
    ///
    /// # Errors
    /// [`Error::File`] where such a file is not welcome.
    pub async fn execute(&self, actor: &Actor, planned: PlannedAsset) -> Result<BegunUpload, Error> {
        actor.must(Permission::Write)?;
        let PlannedAsset { name, content_type, size_bytes } = planned;
        let Self { allowed, max_bytes, expires_in, .. } = self;
        if size_bytes == 0 {
            return Err(FileRefusal::Empty.into());
        }
        if size_bytes > *max_bytes {
            return Err(FileRefusal::TooLarge { max_bytes: *max_bytes }.into());
        }
        if !allowed.contains(&content_type) {
            let (found, allowed) = (content_type.to_string(), ContentType::list(allowed));
            return Err(FileRefusal::TypeNotAllowed { found, allowed }.into());
        }
        let upload = UploadId::new(self.ids.next());
        let key = Asset::quarantine_key(actor.account_id, upload);
        let terms =
            PresignPut { expires_in: *expires_in, size_bytes, content_type: Some(content_type.into()) };
        let request = self.files.presign_put(&key, &terms).await?;
        let expires_at = self.clock.now().saturating_add(*expires_in).unwrap_or(Timestamp::MAX);
        let ticket = UploadTicket { account: actor.account_id, upload, name, content_type, size_bytes };
        Ok(BegunUpload { ticket: ticket.seal(&self.key), request, expires_at })
    }
}

/// Takes in a file that was stored past us, or gives it up.
pub struct CompleteUpload {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub assets: Arc<dyn AssetRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// What tickets are sealed with.
    pub key: SigningKey,
}

impl CompleteUpload {
    /// Looks at the file, and makes an asset of it or removes it. Several calls at once make one asset; a call after that finds
    /// no file any more.
    ///
    /// # Errors
    /// [`Error::File`] where the file is not what was planned; [`Error::NotFound`] where there is no such upload, its file was
    /// never stored, or it was completed before.
    pub async fn execute(&self, actor: &Actor, ticket: &str) -> Result<Uploaded, Error> {
        actor.must(Permission::Write)?;
        let UploadTicket { account, upload, name, content_type, size_bytes } = self.open(actor, ticket)?;
        // Whoever holds the request may store another file at any moment, and another call may look at this one: what we
        // look at is ours alone.
        let id = AssetId::new(self.ids.next());
        let (quarantine, key) = (Asset::quarantine_key(account, upload), Asset::file_key(account, id));
        let Self { files, assets, clock, ids, key: _ } = self;
        let (files, assets, clock, ids) = (&**files, &**assets, &**clock, &**ids);
        if files.copy(&quarantine, &key).await?.is_none() {
            return Err(Error::not_found("stored file of the upload", upload));
        }
        let rules =
            FileRules { declared: Some(content_type), allowed: vec![content_type], max_bytes: size_bytes };
        let looked_at = match files.inspect(&key, &rules).await.map_err(refusal_or_fault) {
            Ok(Some(short)) if short.size_bytes != size_bytes => {
                Err(FileRefusal::WrongSize { announced: size_bytes, found: short.size_bytes }.into())
            }
            Ok(None) => Err(Error::not_found("stored file of the upload", upload)),
            Ok(Some(inspected)) => Ok(inspected),
            Err(error) => Err(error),
        };
        let inspected = match looked_at {
            Ok(inspected) => inspected,
            Err(refusal @ Error::File(_)) => {
                files.delete_many(&[key, quarantine]).await?;
                return Err(refusal);
            }
            // The file is as good as it was: the upload can be completed later. Our copy is collected as an orphan.
            Err(fault) => return Err(fault),
        };
        let uploaded = Admission { files, assets, clock, ids }.admit(actor, id, name, inspected).await?;
        files.delete(&quarantine).await?;
        Ok(uploaded)
    }

    /// Removes what was stored of an upload that will not be completed.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such upload.
    pub async fn give_up(&self, actor: &Actor, ticket: &str) -> Result<(), Error> {
        actor.must(Permission::Write)?;
        let UploadTicket { account, upload, .. } = self.open(actor, ticket)?;
        Ok(self.files.delete(&Asset::quarantine_key(account, upload)).await?)
    }

    fn open(&self, actor: &Actor, ticket: &str) -> Result<UploadTicket, Error> {
        let ours = UploadTicket::open(ticket, &self.key).filter(|it| it.account == actor.account_id);
        ours.ok_or_else(|| Error::not_found("upload", "of this id"))
    }
}
