//! Two stores with the same files.
//!
//! A put reads its content once and hands it to both. Neither has stored anything before its content has ended: the
//! primary's is ended first, and the secondary's once the primary has stored the file. Where the primary refuses, the
//! secondary's content is broken off, which leaves nothing behind. Where the secondary fails after all, the primary
//! is brought back to what it held: a new file is removed, and one that was replaced is restored from the secondary,
//! which still holds it. Only where that fails too, or the process dies in between, is a file on the primary that the
//! secondary has not, or has in an older version; storing or deleting it again mends that.
//!
//! Writers of one process take turns on a key, so that both sides end with the same file. Two processes that replace
//! one file at the same time may leave another version on each side: let them write to keys of their own, or store with
//! [`Precondition::Absent`], of which the primary lets one through.

mod sides;
mod turns;
mod upload;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use adstead_domain::port::{
    ByteStream, FileCapabilities, FileContent, FileInfo, FileKey, FileMetadata, FilePage, FileStore,
    PortError, PortErrorKind, Precondition, PresignGet, PresignPut, PutOptions, SignedRequest, StoredFile,
    Unfinished, Unsupported,
};
use async_trait::async_trait;
use jiff::Timestamp;
use tracing::Instrument as _;

use super::announced::as_announced;
use super::cursor::{Cursor, Walked};
use super::fallback::{Fallback, begun};
use sides::Sides;
use turns::Turns;
use upload::{Upload, hand_to_both};

/// Keeps every file in two stores, and reads from the second where the first fails or holds nothing.
///
/// A read can fall back until the first bytes have arrived: an error after that reaches the reader.
/// Tags are those of the store that is read from: after a fall-back, a put that wants to match one is `Stale`. A
/// deleted file goes from the secondary first, so that a delete that fails half-way can be repeated. Presigned
/// requests that store are not supported, since they would reach one side alone.
pub struct MirrorStorage {
    sides: Arc<Sides>,
    fallback: Fallback,
}

impl MirrorStorage {
    /// The files of `primary`, all of which `secondary` has too.
    pub fn new(primary: Arc<dyn FileStore>, secondary: Arc<dyn FileStore>) -> Self {
        let is_survivable = |kind: PortErrorKind| kind.is_transient() || kind == PortErrorKind::Corrupt;
        Self {
            sides: Arc::new(Sides { primary, secondary, turns: Turns::new() }),
            fallback: Fallback::new(is_survivable),
        }
    }

    /// How often the secondary had what the primary had not, or could not give.
    pub fn fallbacks(&self) -> u64 {
        self.fallback.count()
    }

    /// What both sides can tell of a file.
    fn told(&self, info: FileInfo) -> FileInfo {
        match self.capabilities().metadata {
            true => info,
            false => FileInfo { content_type: None, metadata: FileMetadata::default(), ..info },
        }
    }
}

/// Runs `work` to its end, also where the caller gives up: it must not stop between the two sides.
async fn to_its_end<T: Send + 'static>(
    operation: &'static str,
    work: impl Future<Output = Result<T, PortError>> + Send + 'static,
) -> Result<T, PortError> {
    let lost = |error| Err(PortError::new(PortErrorKind::Unexpected, operation).with_source(error));
    tokio::spawn(work.in_current_span()).await.unwrap_or_else(lost)
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl FileStore for MirrorStorage {
    fn capabilities(&self) -> FileCapabilities {
        let primary = self.sides.primary.capabilities();
        let metadata = primary.metadata && self.sides.secondary.capabilities().metadata;
        FileCapabilities { metadata, presigned_put: false, ..primary }
    }

    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        let sides = Arc::clone(&self.sides);
        let mut primary = Upload::begin(&sides.primary, key, options.clone());
        let unconditionally = PutOptions { condition: Precondition::None, ..options.clone() };
        let mut secondary = Upload::begin(&sides.secondary, key, unconditionally);
        let content = as_announced(content, options.size_bytes);
        if let Err(error) = hand_to_both(content, &mut primary, &mut secondary).await {
            futures::future::join(primary.abandon(), secondary.abandon()).await;
            return Err(error);
        }
        let (key, condition) = (key.clone(), options.condition.clone());
        let commit = async move { sides.commit(&key, &condition, primary, secondary).await };
        to_its_end("files.put", commit).await
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        let Sides { primary, secondary, .. } = &*self.sides;
        let first = begun(primary.get(key, range.clone()));
        let found = self.fallback.either(first, secondary.get(key, range)).await?;
        Ok(found.map(|found| FileContent { info: self.told(found.info), ..found }))
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        let Sides { primary, secondary, .. } = &*self.sides;
        let found = self.fallback.either(primary.head(key), secondary.head(key)).await?;
        Ok(found.map(|info| self.told(info)))
    }

    async fn delete(&self, key: &FileKey) -> Result<(), PortError> {
        let _turn = self.sides.turns.on([key]).await;
        self.sides.secondary.delete(key).await?;
        self.sides.primary.delete(key).await
    }

    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError> {
        let _turn = self.sides.turns.on(keys).await;
        self.sides.secondary.delete_many(keys).await?;
        self.sides.primary.delete_many(keys).await
    }

    /// A list goes on in the store that it began in: the secondary, where the primary failed at the beginning.
    async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, PortError> {
        let Cursor { walked, inner } = Cursor::read(cursor)?;
        let Sides { primary, secondary, .. } = &*self.sides;
        if walked == Walked::First {
            match primary.list(prefix, inner, limit).await {
                Err(error) if inner.is_none() && self.fallback.is_survivable(&error) => {
                    self.fallback.note(Some(&error));
                }
                outcome => return outcome.map(|page| walked.page(page)),
            }
        }
        secondary.list(prefix, inner, limit).await.map(|page| Walked::Second.page(page))
    }

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        let (sides, from, to) = (Arc::clone(&self.sides), from.clone(), to.clone());
        to_its_end("files.copy", async move { sides.copy(&from, &to).await }).await
    }

    async fn presign_get(&self, key: &FileKey, terms: &PresignGet) -> Result<SignedRequest, PortError> {
        self.sides.primary.presign_get(key, terms).await
    }

    async fn presign_put(&self, _: &FileKey, _: &PresignPut) -> Result<SignedRequest, PortError> {
        Err(PortError::new(PortErrorKind::Rejected, "files.presign_put").with_source(Unsupported::Presigned))
    }

    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError> {
        let primary = self.sides.primary.unfinished(before, remove).await?;
        let secondary = self.sides.secondary.unfinished(before, remove).await?;
        Ok(Unfinished { files: primary.files + secondary.files, bytes: primary.bytes + secondary.bytes })
    }
}

impl fmt::Debug for MirrorStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MirrorStorage").field("fallback", &self.fallback).finish_non_exhaustive()
    }
}
