//! Where creative files live.

mod ext;
mod info;
mod key;
mod options;
mod presign;
mod rules;

use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use jiff::Timestamp;

use super::PortError;

pub use ext::{FileStoreExt, InspectedFile, PassingDigest, hashed};
pub use info::{
    FileCapabilities, FileContent, FileInfo, FilePage, FileTag, ListedFile, StoredFile, Unfinished,
};
pub use key::FileKey;
pub use options::{FileMetadata, MediaType, Precondition, PutOptions};
pub use presign::{PresignGet, PresignPut, SignedRequest};
pub use rules::{FileRefusal, FileRules, Unsupported};

/// The bytes of a file as they arrive or leave.
pub type ByteStream = BoxStream<'static, Result<Bytes, PortError>>;

/// Keeps files under opaque keys. What a file must be like is none of its business: see
/// [`put_inspected`](FileStoreExt::put_inspected).
///
/// # Contract
/// - `put` MUST be atomic: a reader sees the whole file or none, also after a crash, and also where its caller gives up.
/// - `put` MUST be durable once it has answered.
/// - `put` MUST pass on an error of the incoming stream, and MUST leave nothing behind then.
/// - `put` MUST fail with `Rejected`, [`FileRefusal::WrongSize`] as its source and nothing left behind, where the
///   stream has another length than [`PutOptions::size_bytes`] says.
/// - `put` over an existing key MUST replace the file, what `head` tells of it included.
/// - With [`Precondition::Absent`], `put` MUST fail with `Conflict` where the key holds a file; of several such calls at
///   once, one MUST succeed. With [`Precondition::Matches`], it MUST fail with `Stale` where the key holds nothing, or a
///   file of another tag. A store whose [`capabilities`](Self::capabilities) lack one of them MUST fail with `Rejected`,
///   [`Unsupported`] as its source, whatever the key holds.
/// - `head` MUST tell of the file what `put` was told, its pairs of metadata only where the capabilities have them, with
///   a tag that differs between any two files that the key held, and MUST answer `None` for a key that holds nothing.
/// - `get` MUST answer `None` for a key that holds nothing, and exactly the bytes of `range` otherwise; a range is
///   clamped to the end of the file. It MUST tell what `head` does.
/// - `delete` MUST succeed also where there is nothing to delete. `delete_many` MUST delete all that it is given.
/// - `list` MUST answer each file below the prefix exactly once over all pages, in whatever order, where nobody writes
///   meanwhile; none whose key merely begins with the same letters.
/// - `copy` MUST be atomic and durable as `put` is, MUST leave `from` as it is and carry over what `head` tells of it,
///   bar tag and time; it MUST answer `None`, changing nothing, where `from` holds nothing.
/// - What a presigned request does MUST be what the unsigned call does, until it has expired. A store whose capabilities
///   lack presigned requests MUST fail with `Rejected`, [`Unsupported`] as its source.
/// - `unfinished` MUST NOT harm a `put` that goes on, nor count or remove what is younger than `before`.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// What this store can do of what not every store can.
    fn capabilities(&self) -> FileCapabilities;

    /// Stores what `content` yields under `key`.
    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError>;

    /// The file with its bytes, or those of `range` (a half-open interval of byte offsets).
    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError>;

    /// What is known of the file.
    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError>;

    /// Removes the file, if there is one.
    async fn delete(&self, key: &FileKey) -> Result<(), PortError>;

    /// Removes all of these files. After an error, some of them may be gone.
    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError>;

    /// A page of at most `limit` (1 to 1,000) files below `prefix`, or of all; `cursor` is that of the page before.
    ///
    /// # Errors
    /// `Rejected` for a cursor that is not of such a page.
    async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, PortError>;

    /// Stores the file under `from` under `to` as well.
    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError>;

    /// A request that reads the file, for somebody without an account.
    async fn presign_get(&self, key: &FileKey, terms: &PresignGet) -> Result<SignedRequest, PortError>;

    /// A request that stores a file, for somebody without an account.
    async fn presign_put(&self, key: &FileKey, terms: &PresignPut) -> Result<SignedRequest, PortError>;

    /// Counts what was begun to be stored before `before` and has not ended; with `remove`, removes it.
    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError>;
}
