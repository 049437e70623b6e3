use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use adstead_domain::port::{
    ByteStream, FileCapabilities, FileContent, FileInfo, FileKey, FilePage, FileStore, ListedFile, PortError,
    PortErrorKind, Precondition, PresignGet, PresignPut, PutOptions, SignedRequest, StoredFile, Unfinished,
    Unsupported,
};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::carried::carried;
use super::cursor::{Cursor, Walked};
use super::fallback::{Fallback, begun};

/// How many files the primary is asked for at once, whether it has them.
const CONCURRENT_HEADS: usize = 16;

/// Writes to one store, and reads from another what the first does not have: for moving from store to store without
/// downtime. Copying a file onto itself brings it to the primary, unless the primary has it.
///
/// What is seen is the union of both, the primary's version where both have a file. Deletes go to both, since a deleted
/// file would come back otherwise, and to the backup first, so that no old version shows in between.
pub struct BackupStorage {
    primary: Arc<dyn FileStore>,
    backup: Arc<dyn FileStore>,
    fallback: Fallback,
}

impl BackupStorage {
    /// The files of `primary`, and those of `backup` that it has not.
    pub fn new(primary: Arc<dyn FileStore>, backup: Arc<dyn FileStore>) -> Self {
        Self { primary, backup, fallback: Fallback::new(PortErrorKind::is_transient) }
    }

    /// How often the backup had what the primary had not, or could not give.
    pub fn fallbacks(&self) -> u64 {
        self.fallback.count()
    }

    /// What must hold of the primary, where `condition` must hold of both.
    async fn condition(&self, key: &FileKey, condition: &Precondition) -> Result<Precondition, PortError> {
        let capabilities = self.capabilities();
        match condition {
            Precondition::Absent if capabilities.create_only => match self.backup.head(key).await? {
                Some(_) => Err(PortError::new(PortErrorKind::Conflict, "files.put")
                    .with_source("the backup holds a file under this key")),
                None => Ok(Precondition::Absent),
            },
            Precondition::Matches(_) if !capabilities.if_match => {
                Err(PortError::new(PortErrorKind::Rejected, "files.put").with_source(Unsupported::IfMatch))
            }
            Precondition::Matches(tag) if self.primary.head(key).await?.is_none() => {
                match self.backup.head(key).await? {
                    Some(head) if head.tag == *tag => Ok(Precondition::Absent),
                    _ => Err(PortError::new(PortErrorKind::Stale, "files.put")),
                }
            }
            condition => Ok(condition.clone()),
        }
    }

    /// Those of `files`, which the backup has, that the primary has not.
    async fn only_in_backup(&self, files: Vec<ListedFile>) -> Result<Vec<ListedFile>, PortError> {
        let looks = stream::iter(files)
            .map(async |file| Ok(self.primary.head(&file.key).await?.is_none().then_some(file)));
        looks.buffered(CONCURRENT_HEADS).try_filter_map(async |file| Ok(file)).try_collect().await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl FileStore for BackupStorage {
    fn capabilities(&self) -> FileCapabilities {
        let primary = self.primary.capabilities();
        FileCapabilities {
            // A file that only the backup has is replaced by creating it.
            if_match: primary.if_match && primary.create_only,
            presigned_get: primary.presigned_get && self.backup.capabilities().presigned_get,
            ..primary
        }
    }

    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        let condition = self.condition(key, &options.condition).await?;
        let was_moved = condition != options.condition;
        let options = PutOptions { condition, ..options.clone() };
        self.primary.put(key, content, &options).await.map_err(|mut error| {
            if was_moved && error.kind == PortErrorKind::Conflict {
                error.kind = PortErrorKind::Stale;
            }
            error
        })
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        let first = begun(self.primary.get(key, range.clone()));
        self.fallback.either(first, self.backup.get(key, range)).await
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        self.fallback.either(self.primary.head(key), self.backup.head(key)).await
    }

    async fn delete(&self, key: &FileKey) -> Result<(), PortError> {
        self.backup.delete(key).await?;
        self.primary.delete(key).await
    }

    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError> {
        self.backup.delete_many(keys).await?;
        self.primary.delete_many(keys).await
    }

    /// The pages of the primary, and then those of the backup without what the primary has: such a page may be empty.
    async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, PortError> {
        let Cursor { walked, inner } = Cursor::read(cursor)?;
        match walked {
            Walked::First => {
                let page = walked.page(self.primary.list(prefix, inner, limit).await?);
                let next = page.next.unwrap_or_else(|| Walked::Second.cursor(""));
                Ok(FilePage { next: Some(next), ..page })
            }
            Walked::Second => {
                let page = walked.page(self.backup.list(prefix, inner, limit).await?);
                Ok(FilePage { files: self.only_in_backup(page.files).await?, ..page })
            }
        }
    }

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        if let Some(stored) = self.primary.copy(from, to).await? {
            return Ok(Some(stored));
        }
        let is_move = from == to;
        // What is moved must not replace what was stored meanwhile.
        let condition = match is_move && self.capabilities().create_only {
            true => Precondition::Absent,
            false => Precondition::None,
        };
        match carried((&*self.backup, from), (&*self.primary, to), condition).await {
            Err(error) if is_move && error.kind == PortErrorKind::Conflict => {
                self.primary.copy(from, to).await
            }
            outcome => outcome,
        }
    }

    async fn presign_get(&self, key: &FileKey, terms: &PresignGet) -> Result<SignedRequest, PortError> {
        if !self.capabilities().presigned_get {
            return Err(PortError::new(PortErrorKind::Rejected, "files.presign_get")
                .with_source(Unsupported::Presigned));
        }
        let is_in_backup = self.primary.head(key).await?.is_none() && self.backup.head(key).await?.is_some();
        let holder = if is_in_backup { &self.backup } else { &self.primary };
        holder.presign_get(key, terms).await
    }

    async fn presign_put(&self, key: &FileKey, terms: &PresignPut) -> Result<SignedRequest, PortError> {
        self.primary.presign_put(key, terms).await
    }

    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError> {
        let primary = self.primary.unfinished(before, remove).await?;
        let backup = self.backup.unfinished(before, remove).await?;
        Ok(Unfinished { files: primary.files + backup.files, bytes: primary.bytes + backup.bytes })
    }
}

impl fmt::Debug for BackupStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackupStorage").field("fallback", &self.fallback).finish_non_exhaustive()
    }
}
