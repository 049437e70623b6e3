use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use adstead_domain::GrantIssuer;
use adstead_domain::port::{
    AssetTotal, ByteStream, FileCapabilities, FileContent, FileInfo, FileKey, FilePage, FileStore, PortError,
    PortErrorKind, PresignGet, PresignPut, PutOptions, SignedRequest, StorageOperation, StorageStatistics,
    StoredFile, Unfinished,
};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::CachedStorage;
use crate::histogram::Histogram;

/// The door to the file storage: passes every call on to the strategy behind it, and counts.
pub struct FileStorageManager {
    strategy: Arc<dyn FileStore>,
    issuer: Option<GrantIssuer>,
    cache: Option<Arc<CachedStorage>>,
    fallbacks: Box<dyn Fn() -> u64 + Send + Sync>,
    assets: Mutex<Vec<AssetTotal>>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    put: Operation,
    get: Operation,
    head: Operation,
    delete: Operation,
    list: Operation,
    copy: Operation,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

#[derive(Default)]
struct Operation {
    times: Histogram,
    errors: AtomicU64,
}

impl FileStorageManager {
    /// The storage that keeps its files where `strategy` does.
    pub fn new(strategy: Arc<dyn FileStore>) -> Self {
        Self {
            strategy,
            issuer: None,
            cache: None,
            fallbacks: Box::new(|| 0),
            assets: Mutex::default(),
            counters: Arc::default(),
        }
    }

    /// The same storage, which has `issuer` make the presigned requests that its strategy cannot.
    #[must_use]
    pub fn with_issuer(self, issuer: GrantIssuer) -> Self {
        Self { issuer: Some(issuer), ..self }
    }

    /// The same storage, whose statistics tell of this cache, which stands somewhere in it.
    #[must_use]
    pub fn with_cache(self, cache: Arc<CachedStorage>) -> Self {
        Self { cache: Some(cache), ..self }
    }

    /// The same storage, whose statistics tell how often a second place had to answer.
    #[must_use]
    pub fn with_fallbacks(self, fallbacks: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self { fallbacks: Box::new(fallbacks), ..self }
    }

    /// Keeps what was counted of assets, for [`stats`](Self::stats).
    pub fn note_assets(&self, totals: Vec<AssetTotal>) {
        *self.assets.lock().unwrap_or_else(PoisonError::into_inner) = totals;
    }

    /// What the storage did so far.
    pub fn stats(&self) -> StorageStatistics {
        let Counters { put, get, head, delete, list, copy, bytes_in, bytes_out } = &*self.counters;
        let operations =
            [("put", put), ("get", get), ("head", head), ("delete", delete), ("list", list), ("copy", copy)];
        StorageStatistics {
            operations: operations.map(|(name, operation)| operation.stats(name)).into(),
            bytes_in: bytes_in.load(Ordering::Relaxed),
            bytes_out: bytes_out.load(Ordering::Relaxed),
            fallbacks: (self.fallbacks)(),
            cache: self.cache.as_ref().map(|cache| cache.stats()),
            assets: self.assets.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

impl Operation {
    async fn count<T>(&self, call: impl Future<Output = Result<T, PortError>>) -> Result<T, PortError> {
        let start = Instant::now();
        let outcome = call.await;
        self.times.add(start.elapsed());
        if outcome.as_ref().is_err_and(|error| is_fault(error.kind)) {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    fn stats(&self, name: &'static str) -> StorageOperation {
        StorageOperation { name, times: self.times.snapshot(), errors: self.errors.load(Ordering::Relaxed) }
    }
}

/// Whether it is the storage that failed: not its caller, and not a condition that did not hold.
fn is_fault(kind: PortErrorKind) -> bool {
    !matches!(kind, PortErrorKind::Rejected | PortErrorKind::Conflict | PortErrorKind::Stale)
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl FileStore for FileStorageManager {
    fn capabilities(&self) -> FileCapabilities {
        let own = self.strategy.capabilities();
        FileCapabilities {
            presigned_get: own.presigned_get || self.issuer.is_some(),
            presigned_put: own.presigned_put || self.issuer.is_some(),
            ..own
        }
    }

    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        let counters = &self.counters;
        let stored = counters.put.count(self.strategy.put(key, content, options)).await;
        if let Ok(file) = &stored {
            counters.bytes_in.fetch_add(file.size_bytes, Ordering::Relaxed);
        }
        stored
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        let found = self.counters.get.count(self.strategy.get(key, range)).await?;
        let counters = Arc::clone(&self.counters);
        Ok(found.map(|FileContent { info, range, bytes }| {
            let count = move |piece: &bytes::Bytes| {
                counters.bytes_out.fetch_add(piece.len() as u64, Ordering::Relaxed);
            };
            FileContent { info, range, bytes: bytes.inspect_ok(count).boxed() }
        }))
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        self.counters.head.count(self.strategy.head(key)).await
    }

    async fn delete(&self, key: &FileKey) -> Result<(), PortError> {
        self.counters.delete.count(self.strategy.delete(key)).await
    }

    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError> {
        self.counters.delete.count(self.strategy.delete_many(keys)).await
    }

    async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, PortError> {
        self.counters.list.count(self.strategy.list(prefix, cursor, limit)).await
    }

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        self.counters.copy.count(self.strategy.copy(from, to)).await
    }

    async fn presign_get(&self, key: &FileKey, terms: &PresignGet) -> Result<SignedRequest, PortError> {
        match &self.issuer {
            Some(issuer) if !self.strategy.capabilities().presigned_get => Ok(issuer.get(key, terms)),
            _ => self.strategy.presign_get(key, terms).await,
        }
    }

    async fn presign_put(&self, key: &FileKey, terms: &PresignPut) -> Result<SignedRequest, PortError> {
        match &self.issuer {
            Some(issuer) if !self.strategy.capabilities().presigned_put => Ok(issuer.put(key, terms)),
            _ => self.strategy.presign_put(key, terms).await,
        }
    }

    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError> {
        self.strategy.unfinished(before, remove).await
    }
}

impl fmt::Debug for FileStorageManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStorageManager").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
