use std::fmt;
use std::ops::Range;

use jiff::Timestamp;

use super::{ByteStream, FileKey, FileMetadata, MediaType};

/// What not every store can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCapabilities {
    /// Storing a file only where the key holds none.
    pub create_only: bool,
    /// Storing a file only in the place of one that was seen.
    pub if_match: bool,
    /// Pairs of metadata, and the media type.
    pub metadata: bool,
    /// Presigned requests that read.
    pub presigned_get: bool,
    /// Presigned requests that store.
    pub presigned_put: bool,
}

/// Tells one content of a key from any other that it held: an entity tag (RFC 9110, section 8.8.3), without quotes. It
/// says nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileTag(String);

impl FileTag {
    /// The tag that a store gave.
    pub fn new(tag: impl Into<String>) -> Self {
        Self(tag.into())
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What `put` and `copy` answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// The size in bytes.
    pub size_bytes: u64,
    /// The tag of what was stored.
    pub tag: FileTag,
}

/// What a store knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    /// The size in bytes.
    pub size_bytes: u64,
    /// The tag of what is stored.
    pub tag: FileTag,
    /// When it was stored, by the clock of the store.
    pub modified_at: Timestamp,
    /// Its media type, where it was told and the store keeps such things.
    pub content_type: Option<MediaType>,
    /// Its pairs of metadata, where the store keeps them.
    pub metadata: FileMetadata,
}

/// A file with its bytes.
pub struct FileContent {
    /// What is known of it.
    pub info: FileInfo,
    /// Which bytes these are: the range that was asked for, clamped.
    pub range: Range<u64>,
    /// The bytes.
    pub bytes: ByteStream,
}

impl fmt::Debug for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { info, range, bytes: _ } = self;
        f.debug_struct("FileContent").field("info", info).field("range", range).finish_non_exhaustive()
    }
}

/// A page of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilePage {
    /// The files.
    pub files: Vec<ListedFile>,
    /// What to ask for the next page with, where there may be one.
    pub next: Option<String>,
}

/// A file in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Where it is.
    pub key: FileKey,
    /// What it takes, in bytes: where it is stored compressed or encrypted, not the size of its content.
    pub stored_bytes: u64,
    /// When it was stored, by the clock of the store.
    pub modified_at: Timestamp,
}

/// What was begun to be stored and has not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unfinished {
    /// How many files.
    pub files: u64,
    /// What they take, in bytes, as far as the store can tell.
    pub bytes: u64,
}
