use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use adstead_domain::port::{ByteStream, FileKey, FileRules, FileStore, PortError, PortErrorKind, StoredFile};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};

/// What a file storage did since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StorageStats {
    /// Files stored.
    pub puts: OperationStats,
    /// Files opened for reading.
    pub gets: OperationStats,
    /// Sizes asked for.
    pub sizes: OperationStats,
    /// Files removed.
    pub deletes: OperationStats,
    /// Files refused for what they are; no fault of the storage.
    pub refusals: u64,
    /// Bytes of the files that were stored.
    pub bytes_written: u64,
    /// Bytes that readers took.
    pub bytes_read: u64,
}

/// How often one operation ran, and how it went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OperationStats {
    /// Calls that ended.
    pub calls: u64,
    /// Those of them that failed, refusals aside.
    pub errors: u64,
    /// The time they took in all, in milliseconds; that of a put includes waiting for its sender.
    pub total_ms: u64,
}

/// The door to the file storage: passes every call on to the strategy behind it, and counts.
pub struct FileStorageManager {
    strategy: Arc<dyn FileStore>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    puts: Operation,
    gets: Operation,
    sizes: Operation,
    deletes: Operation,
    refusals: AtomicU64,
    bytes_written: AtomicU64,
    bytes_read: AtomicU64,
}

#[derive(Default)]
struct Operation {
    calls: AtomicU64,
    errors: AtomicU64,
    micros: AtomicU64,
}

impl FileStorageManager {
    /// The storage that keeps its files where `strategy` does.
    pub fn new(strategy: Arc<dyn FileStore>) -> Self {
        Self { strategy, counters: Arc::default() }
    }

    /// What the storage did so far.
    pub fn stats(&self) -> StorageStats {
        let Counters { puts, gets, sizes, deletes, refusals, bytes_written, bytes_read } = &*self.counters;
        StorageStats {
            puts: puts.stats(),
            gets: gets.stats(),
            sizes: sizes.stats(),
            deletes: deletes.stats(),
            refusals: refusals.load(Ordering::Relaxed),
            bytes_written: bytes_written.load(Ordering::Relaxed),
            bytes_read: bytes_read.load(Ordering::Relaxed),
        }
    }
}

impl Operation {
    async fn count<T>(&self, call: impl Future<Output = Result<T, PortError>>) -> Result<T, PortError> {
        let start = Instant::now();
        let outcome = call.await;
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(start.elapsed().as_micros() as u64, Ordering::Relaxed);
        if outcome.as_ref().is_err_and(|error| error.kind != PortErrorKind::Rejected) {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    fn stats(&self) -> OperationStats {
        OperationStats {
            calls: self.calls.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            total_ms: self.micros.load(Ordering::Relaxed) / 1000,
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl FileStore for FileStorageManager {
    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        rules: &FileRules,
    ) -> Result<StoredFile, PortError> {
        let counters = &self.counters;
        let stored = counters.puts.count(self.strategy.put(key, content, rules)).await;
        match &stored {
            Ok(file) => counters.bytes_written.fetch_add(file.size_bytes, Ordering::Relaxed),
            Err(error) => counters
                .refusals
                .fetch_add(u64::from(error.kind == PortErrorKind::Rejected), Ordering::Relaxed),
        };
        stored
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<ByteStream>, PortError> {
        let content = self.counters.gets.count(self.strategy.get(key, range)).await?;
        let counters = Arc::clone(&self.counters);
        Ok(content.map(|content| {
            content
                .inspect_ok(move |piece| {
                    counters.bytes_read.fetch_add(piece.len() as u64, Ordering::Relaxed);
                })
                .boxed()
        }))
    }

    async fn size(&self, key: &FileKey) -> Result<Option<u64>, PortError> {
        self.counters.sizes.count(self.strategy.size(key)).await
    }

    async fn delete(&self, key: &FileKey) -> Result<bool, PortError> {
        self.counters.deletes.count(self.strategy.delete(key)).await
    }
}

impl fmt::Debug for FileStorageManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStorageManager").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
