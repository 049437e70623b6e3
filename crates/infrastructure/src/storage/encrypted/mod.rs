//! Encryption at rest.
//!
//! A file is a header ([`Header`]) and its content in chunks of 64 KiB, each encrypted with XChaCha20-Poly1305 and
//! followed by its tag of 16 bytes, in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: *Online
//! Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance*, CRYPTO 2015): the nonce of a chunk is 19 random
//! bytes of the file, the number of the chunk (32 bits), and whether it is the last. The header is associated data of
//! each chunk. A chunk that was changed, moved, or taken from another file, a file that was cut off or made longer,
//! and a changed header all fail as `Corrupt`, and a chunk is handed out only once it has proved authentic.
//!
//! One key encrypts many files, each under 152 random bits. Of 2⁴⁰ files, the chance that any two have the same is
//! below 2⁻⁷³. XChaCha20 (draft-irtf-cfrg-xchacha-03, section 2) derives a key of its own from the key and the first
//! 16 bytes of the nonce, all of which are random here: in effect each file has a derived key, and no more than 2³²
//! chunks come under one. A file is not bound to its key in the store, so that copying needs no re-encryption: who
//! can write to the store can put one whole file in the place of another.
//!
//! A file without the mark of the header is read as it is: encryption may be turned on over a store that is in use,
//! and presigned uploads arrive unencrypted. Who can write to the store can therefore put an unencrypted file in the
//! place of an encrypted one, and an encrypted file that was cut off to nothing is an empty one. A file that is
//! written unencrypted and begins like a header is wrapped in a header that says so. The sizes that
//! [`head`](FileStore::head) tells follow from those of what is stored: they are proved by reading to the end.

mod error;
mod form;
mod header;
mod keys;
mod rekey;
mod seal;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use adstead_domain::port::{
    ByteStream, Entropy, FileCapabilities, FileContent, FileInfo, FileKey, FilePage, FileStore, PortError,
    PortErrorKind, Precondition, PresignGet, PresignPut, PutOptions, SignedRequest, StoredFile, Unfinished,
    Unsupported,
};
use async_trait::async_trait;
use jiff::Timestamp;

use super::announced::as_announced;
use super::carried::{carried, options_of};
use super::framed::{ATTEMPTS, ByteReader, again, clamped, wrapped};
use error::EncryptionError;
use form::Form;
use header::{CHUNK_BYTES, Header, MAGIC, SALT_BYTES};
use seal::Seal;

pub use keys::{EncryptionKey, EncryptionKeyId, EncryptionKeys};

/// Up to where a range may begin, in bytes, to be read with what is before it in one request.
const EAGER_BYTES: u64 = 256 << 10;

/// Encrypts files before they are stored in another store.
///
/// A range is decrypted without the rest of its file: with one request where it begins in the first 256 KiB, else
/// with two. Presigned requests that read are not supported, since what is stored is not the file.
pub struct EncryptedStorage {
    inner: Arc<dyn FileStore>,
    keys: EncryptionKeys,
    entropy: Arc<dyn Entropy>,
}

/// What [`EncryptedStorage::rekey`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rekeyed {
    /// Nothing: the file is stored under the active key already, or unencrypted where no key is active.
    Current,
    /// It wrote the file anew.
    Rewritten,
    /// Nothing: the key holds no file.
    Gone,
}

impl EncryptedStorage {
    /// The files of `inner`, encrypted with `keys`.
    pub fn new(inner: Arc<dyn FileStore>, keys: EncryptionKeys, entropy: Arc<dyn Entropy>) -> Self {
        Self { inner, keys, entropy }
    }

    /// Brings the file under `key` under the active encryption key; where none is active, stores it unencrypted.
    ///
    /// A file that is replaced meanwhile is not overwritten where the store can compare tags
    /// ([`FileCapabilities::if_match`]); elsewhere, nobody should write to the key at that time.
    ///
    /// # Errors
    /// Those of [`get`](FileStore::get) and [`put`](FileStore::put).
    pub async fn rekey(&self, key: &FileKey) -> Result<Rekeyed, PortError> {
        for _ in 0..ATTEMPTS {
            let Some((info, form)) = self.form_of(key).await? else { return Ok(Rekeyed::Gone) };
            if form.key() == self.keys.active().map(|(id, _)| id) {
                return Ok(Rekeyed::Current);
            }
            let Some(found) = self.get(key, None).await? else { return Ok(Rekeyed::Gone) };
            if found.info.tag != info.tag {
                continue;
            }
            let condition = match self.inner.capabilities().if_match {
                true => Precondition::Matches(info.tag),
                false => Precondition::None,
            };
            match self.put(key, found.bytes, &options_of(found.info, condition)).await {
                Err(error) if error.kind == PortErrorKind::Stale => {}
                outcome => return outcome.map(|_| Rekeyed::Rewritten),
            }
        }
        Err(EncryptionError::Restless(key.clone()).into_port("files.rekey"))
    }

    /// What the inner store knows of a file, and how it is stored there.
    async fn form_of(&self, key: &FileKey) -> Result<Option<(FileInfo, Form)>, PortError> {
        let Some(found) = self.inner.get(key, Some(0..Header::BYTES as u64)).await? else { return Ok(None) };
        let mut stored = ByteReader::new(found.bytes);
        let start = stored.peek(Header::BYTES).await?;
        let form = Form::of(start, &self.keys, key).map_err(|error| error.into_port("files.head"))?;
        Ok(Some((found.info, form)))
    }

    fn seal(&self) -> Option<Arc<Seal>> {
        let (id, key) = self.keys.active()?;
        let mut salt = [0; SALT_BYTES];
        self.entropy.fill(&mut salt);
        Some(Arc::new(Seal::new(id, key, salt)))
    }

    /// Stores `content` unencrypted.
    async fn put_plain(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        let header = Header::Wrapped.to_bytes();
        let (content, header) = wrapped(ByteReader::new(content), &MAGIC, &header).await?;
        let size_bytes = options.size_bytes.map(|content| content.saturating_add(header));
        let options = PutOptions { size_bytes, ..options.clone() };
        let stored = self.inner.put(key, content, &options).await?;
        Ok(StoredFile { size_bytes: stored.size_bytes - header, ..stored })
    }
}

/// What to ask for first where `range` is to be read: all of it, if it is near, or what tells where it is.
fn first_request(range: Option<&Range<u64>>) -> Option<Range<u64>> {
    let range = range?;
    if range.is_empty() || range.start > EAGER_BYTES {
        return Some(0..Header::BYTES as u64);
    }
    // The tags of a chunk take less than a byte for each KiB of it.
    let chunks = range.end.div_ceil(CHUNK_BYTES.into());
    Some(0..chunks.saturating_mul(u64::from(CHUNK_BYTES) + 16).saturating_add(Header::BYTES as u64))
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl FileStore for EncryptedStorage {
    fn capabilities(&self) -> FileCapabilities {
        FileCapabilities { presigned_get: false, ..self.inner.capabilities() }
    }

    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        let content = as_announced(content, options.size_bytes);
        let Some(seal) = self.seal() else { return self.put_plain(key, content, options).await };
        let size_bytes = options.size_bytes.map(|content| seal.stored_bytes(content));
        let options = PutOptions { size_bytes, ..options.clone() };
        let stored = self.inner.put(key, Arc::clone(&seal).sealed(content), &options).await?;
        let size_bytes = seal
            .content_bytes(stored.size_bytes)
            .ok_or_else(|| EncryptionError::CutShort(key.clone()).into_port("files.put"))?;
        Ok(StoredFile { size_bytes, ..stored })
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        let failed = |error: EncryptionError| error.into_port("files.get");
        for _ in 0..ATTEMPTS {
            let Some(first) = self.inner.get(key, first_request(range.as_ref())).await? else {
                return Ok(None);
            };
            let mut stored = ByteReader::new(first.bytes);
            let form = Form::of(stored.peek(Header::BYTES).await?, &self.keys, key).map_err(failed)?;
            let content = form.content_bytes(first.info.size_bytes, key).map_err(failed)?;
            let wanted = clamped(range.clone(), content);
            let needed = form.stored_range(&wanted, content);
            if needed.end <= first.range.end {
                stored.skip(needed.start).await?;
            } else {
                let more = again(&*self.inner, key, needed, &first.info.tag).await?;
                let Some(more) = more else { continue };
                stored = more;
            }
            let bytes = form.opened(stored, wanted.clone(), content, key);
            let info = FileInfo { size_bytes: content, ..first.info };
            return Ok(Some(FileContent { info, range: wanted, bytes }));
        }
        Err(failed(EncryptionError::Restless(key.clone())))
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        let Some((info, form)) = self.form_of(key).await? else { return Ok(None) };
        let size_bytes =
            form.content_bytes(info.size_bytes, key).map_err(|error| error.into_port("files.head"))?;
        Ok(Some(FileInfo { size_bytes, ..info }))
    }

    async fn delete(&self, key: &FileKey) -> Result<(), PortError> {
        self.inner.delete(key).await
    }

    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError> {
        self.inner.delete_many(keys).await
    }

    async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, PortError> {
        self.inner.list(prefix, cursor, limit).await
    }

    /// An encrypted file is copied as it is, whatever its key. One that is not is encrypted where a key is active.
    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        for _ in 0..ATTEMPTS {
            let Some((info, form)) = self.form_of(from).await? else { return Ok(None) };
            if form.key().is_none() && self.keys.active().is_some() {
                return carried((self, from), (self, to), Precondition::None).await;
            }
            let Some(stored) = self.inner.copy(from, to).await? else { return Ok(None) };
            // Another size tells that it was replaced since it was looked at.
            if stored.size_bytes == info.size_bytes {
                let size_bytes = form
                    .content_bytes(stored.size_bytes, from)
                    .map_err(|error| error.into_port("files.copy"))?;
                return Ok(Some(StoredFile { size_bytes, ..stored }));
            }
        }
        Err(EncryptionError::Restless(from.clone()).into_port("files.copy"))
    }

    async fn presign_get(&self, _: &FileKey, _: &PresignGet) -> Result<SignedRequest, PortError> {
        Err(PortError::new(PortErrorKind::Rejected, "files.presign_get").with_source(Unsupported::Presigned))
    }

    /// What such a request stores is not encrypted: [`copy`](FileStore::copy) it to where it stays.
    async fn presign_put(&self, key: &FileKey, terms: &PresignPut) -> Result<SignedRequest, PortError> {
        self.inner.presign_put(key, terms).await
    }

    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError> {
        self.inner.unfinished(before, remove).await
    }
}

impl fmt::Debug for EncryptedStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptedStorage").field("keys", &self.keys).finish_non_exhaustive()
    }
}
