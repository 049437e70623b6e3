//! Where creative files live.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use super::PortError;
use crate::asset::Sha256Digest;
use crate::{ContentType, Dimensions, Violation};

/// The bytes of a file as they arrive or leave.
pub type ByteStream = BoxStream<'static, Result<Bytes, PortError>>;

/// Keeps files under opaque keys.
///
/// # Contract
/// - `put` MUST be atomic: a reader sees the whole file or none, also after a crash.
/// - `put` MUST be durable once it has answered.
/// - `put` MUST refuse, with [`FileRefusal`] as the source of a `Rejected` error, a file past `max_bytes`, of a type
///   that is not allowed, or whose content is not of its declared type; a refused file MUST leave nothing behind.
/// - `put` MUST pass on an error of the incoming stream, and MUST leave nothing behind then.
/// - `put` over an existing key MUST replace the file.
/// - `get` MUST answer `None` for a key that holds nothing, and exactly the bytes of `range` otherwise; a range is
///   clamped to the end of the file.
/// - `delete` MUST answer whether there was something to delete; a second `delete` is no error.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Stores what `content` yields under `key`, checked against `rules` while it streams.
    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        rules: &FileRules,
    ) -> Result<StoredFile, PortError>;

    /// The file's bytes, or those of `range` (a half-open interval of byte offsets).
    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<ByteStream>, PortError>;

    /// The file's size in bytes.
    async fn size(&self, key: &FileKey) -> Result<Option<u64>, PortError>;

    /// Removes the file; whether there was one.
    async fn delete(&self, key: &FileKey) -> Result<bool, PortError>;
}

/// What a file must be like to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRules {
    /// The type that its sender says it has; nothing where the sender does not say.
    pub declared: Option<ContentType>,
    /// The types that are welcome.
    pub allowed: Vec<ContentType>,
    /// The largest size in bytes.
    pub max_bytes: u64,
}

/// What is known of a file once it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its type, as its content shows.
    pub content_type: ContentType,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The digest of its content.
    pub sha256: Sha256Digest,
    /// Width and height, where it is an image.
    pub dimensions: Option<Dimensions>,
}

/// Why a file was not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    /// It is longer than the limit.
    #[error("the file is larger than {max_bytes} bytes: send a smaller one")]
    TooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// It holds nothing.
    #[error("the file is empty: send its content as the body")]
    Empty,
    /// Its content is of no type that is welcome.
    #[error("the file's content is {found}, which is not allowed here: send one of {allowed}")]
    TypeNotAllowed {
        /// What the content looks like.
        found: String,
        /// The types that are welcome, listed.
        allowed: String,
    },
    /// Its content is not what its sender says.
    #[error("the file is declared as {declared}, but its content is {found}: send it under its true type")]
    Mislabelled {
        /// What its sender says.
        declared: ContentType,
        /// What the content looks like.
        found: String,
    },
    /// It is an image of more pixels than anybody shows: a decompression bomb, or a mistake.
    #[error(
        "the image is {width} × {height} pixels: send one of at most {max_side} pixels a side and {max_megapixels} \
         megapixels in all"
    )]
    TooManyPixels {
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
        /// The most pixels of either side.
        max_side: u32,
        /// The most pixels in all, in millions.
        max_megapixels: u64,
    },
    /// It begins as an image, but cannot be read as one.
    #[error("the file looks like {content_type}, but its header cannot be read: it is damaged or cut short")]
    Damaged {
        /// What it looks like.
        content_type: ContentType,
    },
}

/// Names a file in a store: segments of `a–z 0–9 . _ -` joined by `/`, none empty or starting with a dot.
///
/// ```
/// use adstead_domain::port::FileKey;
///
/// assert!("assets/0199/7f2c".parse::<FileKey>().is_ok());
/// assert!("../secret".parse::<FileKey>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(String);

impl FileKey {
    /// The longest key, in bytes: well inside what file systems and S3 take.
    pub const MAX_LEN: usize = 512;
    const MAX_SEGMENT: usize = 128;

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_segment(segment: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        !segment.is_empty()
            && segment.len() <= Self::MAX_SEGMENT
            && !segment.starts_with('.')
            && segment.bytes().all(plain)
    }
}

impl FromStr for FileKey {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() <= Self::MAX_LEN && text.split('/').all(Self::is_segment) {
            return Ok(Self(text.to_owned()));
        }
        Err(Violation::invalid(format!(
            "{:?} is not a file key: use segments of a-z, 0-9, '.', '_' and '-' joined by '/', {} bytes at most",
            crate::id::shortened(text),
            Self::MAX_LEN
        )))
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
