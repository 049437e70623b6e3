//! A cache of files on a local disk.

mod entry;
mod folder;
mod index;
mod tee;

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_domain::port::{
    ByteStream, Clock, FileCacheStatistics, FileCapabilities, FileContent, FileInfo, FileKey, FilePage,
    FileStore, PortError, PortErrorKind, PresignGet, PresignPut, PutOptions, SignedRequest, StoredFile,
    Unfinished,
};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use tokio::io::AsyncReadExt as _;
use tokio::task::spawn_blocking;
use tokio_util::io::ReaderStream;

use folder::{Announced, Folder};
use tee::teed;

/// The size of the pieces that a reader gets, in bytes.
const READ_BYTES: usize = 64 << 10;

/// How much is cached, where, and for how long.
#[derive(Debug, Clone)]
pub struct FileCacheOptions {
    /// The folder, which is made where it is missing. No two processes can use one.
    pub folder: PathBuf,
    /// The most that all cached files take, in bytes.
    pub max_bytes: u64,
    /// The size of the largest file that is cached, in bytes.
    pub max_file_bytes: u64,
    /// For how long a cached file is served without asking the store whether it still holds it.
    pub trust_for: Duration,
}

/// Keeps files that are read in a folder of this machine, before a store that is further away.
///
/// A file is cached on the way to the reader who reads all of it; a range is served from the cache, but does not
/// bring its file there. What was changed through this store is not served in its old version. What was changed
/// behind its back, by another node or a presigned request, may be for [`trust_for`](FileCacheOptions::trust_for):
/// after that, the tag of a cached file is compared with that of the store. While the store cannot be reached, cached
/// files are served however old. What a crash leaves in the folder is used if it is whole. A disk that is full or
/// broken fails no read.
///
/// The folder holds what the store gives: before a store that encrypts, that is the content. Let the encryption stand
/// before the cache.
pub struct CachedStorage {
    inner: Arc<dyn FileStore>,
    folder: Arc<Folder>,
    clock: Arc<dyn Clock>,
    max_file_bytes: u64,
    trust_for: Duration,
    hits: AtomicU64,
    misses: AtomicU64,
    served_unchecked: AtomicU64,
}

impl CachedStorage {
    /// The files of `inner`, cached as `options` say.
    ///
    /// # Errors
    /// `Unavailable` where the folder cannot be used; the source names it.
    pub async fn open(
        inner: Arc<dyn FileStore>,
        options: FileCacheOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PortError> {
        let FileCacheOptions { folder: root, max_bytes, max_file_bytes, trust_for } = options;
        let opened = spawn_blocking(move || {
            Folder::open(&root, max_bytes).map_err(|source| CacheFolderError { root, source })
        });
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            PortError::new(PortErrorKind::Unavailable, "files.open").with_source(error)
        };
        let folder =
            opened.await.map_err(|lost| failed(lost.into()))?.map_err(|error| failed(error.into()))?;
        Ok(Self {
            inner,
            folder: Arc::new(folder),
            clock,
            max_file_bytes,
            trust_for,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            served_unchecked: AtomicU64::new(0),
        })
    }

    /// What it has done, and what it holds.
    pub fn stats(&self) -> FileCacheStatistics {
        let index = self.folder.index();
        FileCacheStatistics {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            bytes: index.bytes,
            files: index.files(),
            evictions: self.folder.evictions.load(Ordering::Relaxed),
            served_unchecked: self.served_unchecked.load(Ordering::Relaxed),
            unkept: self.folder.unkept.load(Ordering::Relaxed),
        }
    }

    fn is_trusted(&self, checked_at: Option<Timestamp>) -> bool {
        checked_at.is_some_and(|checked_at| {
            let age = self.clock.now().duration_since(checked_at);
            // After the clock was set back, nobody knows.
            !age.is_negative() && age.unsigned_abs() <= self.trust_for
        })
    }

    /// What the store says of the file, or the cache, where the store cannot be reached.
    async fn checked(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        let now = self.clock.now();
        match self.inner.head(key).await {
            Ok(info) => {
                let cached = self.folder.index().find(key);
                match &info {
                    Some(info) if cached.as_ref().is_some_and(|it| it.info.tag == info.tag) => {
                        self.folder.index().trust(key, &info.tag, now);
                    }
                    _ if cached.is_some() => self.folder.forget(std::slice::from_ref(key)),
                    _ => {}
                }
                Ok(info)
            }
            Err(error) if error.kind.is_transient() => {
                let Some(entry) = self.folder.index().find(key) else { return Err(error) };
                self.served_unchecked.fetch_add(1, Ordering::Relaxed);
                Ok(Some(entry.info))
            }
            Err(error) => Err(error),
        }
    }

    async fn cached(&self, key: &FileKey, range: Option<Range<u64>>) -> Option<FileContent> {
        let entry = self.folder.index().find(key)?;
        let (folder, name) = (Arc::clone(&self.folder), key.clone());
        let opened = spawn_blocking(move || folder.open_entry(&name, range)).await;
        let (file, info, range) = opened.ok().flatten()?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        let (folder, key) = (Arc::clone(&self.folder), key.clone());
        let failed = move |error: std::io::Error| {
            folder.entry_failed(&key, entry.number, &error);
            PortError::new(PortErrorKind::Unexpected, "files.get").with_source(error)
        };
        let wanted = tokio::fs::File::from_std(file).take(range.end - range.start);
        let bytes = ReaderStream::with_capacity(wanted, READ_BYTES).map_err(failed).boxed();
        Some(FileContent { info, range, bytes })
    }

    /// The whole file from the store, which is cached as it is read.
    async fn fetched(&self, key: &FileKey) -> Result<Option<FileContent>, PortError> {
        let announced = Announced::new(&self.folder, key, self.clock.now());
        let Some(found) = self.inner.get(key, None).await? else { return Ok(None) };
        let Some(announced) = announced.filter(|_| found.info.size_bytes <= self.max_file_bytes) else {
            return Ok(Some(found));
        };
        let info = found.info.clone();
        let arriving = spawn_blocking(move || announced.begun(info)).await;
        Ok(Some(match arriving.ok().flatten() {
            Some(arriving) => FileContent { bytes: teed(found.bytes, arriving), ..found },
            None => found,
        }))
    }

    /// Drops what is cached of these files, now and when the answer is dropped: a read that goes on at the same time
    /// does not bring the old version back.
    fn changing<'a>(&self, keys: &'a [FileKey]) -> Changing<'a> {
        self.folder.forget(keys);
        Changing { folder: Arc::clone(&self.folder), keys }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the cache folder {} cannot be used: name one that the user who runs adstead may write to", .root.display())]
struct CacheFolderError {
    root: PathBuf,
    source: std::io::Error,
}

struct Changing<'a> {
    folder: Arc<Folder>,
    keys: &'a [FileKey],
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.folder.forget(self.keys);
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl FileStore for CachedStorage {
    fn capabilities(&self) -> FileCapabilities {
        self.inner.capabilities()
    }

    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        let _changing = self.changing(std::slice::from_ref(key));
        self.inner.put(key, content, options).await
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        let cached = self.folder.index().find(key);
        if let Some(cached) = cached {
            if !self.is_trusted(cached.checked_at) && self.checked(key).await?.is_none() {
                return Ok(None);
            }
            if let Some(found) = self.cached(key, range.clone()).await {
                return Ok(Some(found));
            }
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        match range {
            None => self.fetched(key).await,
            range => self.inner.get(key, range).await,
        }
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        self.checked(key).await
    }

    async fn delete(&self, key: &FileKey) -> Result<(), PortError> {
        let _changing = self.changing(std::slice::from_ref(key));
        self.inner.delete(key).await
    }

    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError> {
        let _changing = self.changing(keys);
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

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        let _changing = self.changing(std::slice::from_ref(to));
        self.inner.copy(from, to).await
    }

    async fn presign_get(&self, key: &FileKey, terms: &PresignGet) -> Result<SignedRequest, PortError> {
        self.inner.presign_get(key, terms).await
    }

    /// What such a request stores is noticed once a cached file of its key is not trusted any more.
    async fn presign_put(&self, key: &FileKey, terms: &PresignPut) -> Result<SignedRequest, PortError> {
        self.inner.presign_put(key, terms).await
    }

    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError> {
        self.inner.unfinished(before, remove).await
    }
}

impl fmt::Debug for CachedStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedStorage").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
