mod body;
mod bucket;
mod client;
mod config;
mod copying;
mod deleting;
mod download;
mod error;
mod info;
mod keys;
mod listing;
mod multipart;
mod parts;
mod signing;
mod upload;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use adstead_domain::port::{
    ByteStream, FileCapabilities, FileContent, FileInfo, FileKey, FilePage, FileStore, PortError, PresignGet,
    PresignPut, PutOptions, SignedRequest, StoredFile, Unfinished,
};
use async_trait::async_trait;
use jiff::Timestamp;

use bucket::Bucket;
pub use config::{CloudCredentials, CloudEncryption, CloudStorageConfig};

/// As which a body that breaks off is told.
const OPERATION_GET: &str = "files.get";

/// Files in a bucket of S3, Amazon's or of any server that speaks alike: MinIO, Ceph, R2 and others.
///
/// A file of no more than a part is stored by one request. A larger one is sent in parts, some at once, which make a file
/// only when all are there; where it fails, or the caller gives up, they are thrown away. A process that is killed leaves
/// them: [`unfinished`](FileStore::unfinished) finds them. A request that fails for a while is sent again, a part and not
/// the file; a read goes on from where it broke off. A `put` under a condition whose answer was lost may meet what it stored
/// itself when it is sent again, and is told of it as of a conflict.
///
/// Names in the bucket that are no keys of files are of somebody else, and left alone.
#[derive(Clone)]
pub struct CloudStorageStrategy {
    bucket: Arc<Bucket>,
}

impl CloudStorageStrategy {
    /// The storage in the bucket that `config` names. The server is not asked yet: see [`check`](Self::check).
    ///
    /// # Errors
    /// `Rejected` where a setting makes no sense; the source says which.
    pub async fn connect(config: CloudStorageConfig) -> Result<Self, PortError> {
        let bucket = Bucket::connect(config).await.map_err(|error| error.into_port("files.connect"))?;
        Ok(Self { bucket: Arc::new(bucket) })
    }

    /// Asks the server whether the bucket is there and the credentials are good for it.
    ///
    /// # Errors
    /// `Unavailable` where there is no such bucket, the credentials are refused, or the server cannot be reached;
    /// `Timeout` where it does not answer. The source says which, and what to do.
    pub async fn check(&self) -> Result<(), PortError> {
        self.bucket.check().await.map_err(|error| error.into_port("files.check"))
    }
}

#[async_trait]
impl FileStore for CloudStorageStrategy {
    fn capabilities(&self) -> FileCapabilities {
        self.bucket.capabilities()
    }

    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        self.bucket.put(key, content, options).await.map_err(|error| error.into_port("files.put"))
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        self.bucket.get(key, range).await.map_err(|error| error.into_port(OPERATION_GET))
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        self.bucket.head(key).await.map_err(|error| error.into_port("files.head"))
    }

    async fn delete(&self, key: &FileKey) -> Result<(), PortError> {
        self.bucket.delete(key).await.map_err(|error| error.into_port("files.delete"))
    }

    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError> {
        self.bucket.delete_many(keys).await.map_err(|error| error.into_port("files.delete_many"))
    }

    async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, PortError> {
        self.bucket.list(prefix, cursor, limit).await.map_err(|error| error.into_port("files.list"))
    }

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        self.bucket.copy(from, to).await.map_err(|error| error.into_port("files.copy"))
    }

    async fn presign_get(&self, key: &FileKey, terms: &PresignGet) -> Result<SignedRequest, PortError> {
        self.bucket.presign_get(key, terms).await.map_err(|error| error.into_port("files.presign_get"))
    }

    async fn presign_put(&self, key: &FileKey, terms: &PresignPut) -> Result<SignedRequest, PortError> {
        self.bucket.presign_put(key, terms).await.map_err(|error| error.into_port("files.presign_put"))
    }

    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError> {
        self.bucket.unfinished(before, remove).await.map_err(|error| error.into_port("files.unfinished"))
    }
}

impl fmt::Debug for CloudStorageStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudStorageStrategy").field("config", &self.bucket.config).finish_non_exhaustive()
    }
}
