//! Compression at rest.
//!
//! A file whose media type says that it shrinks is stored as a header ([`Header`]), its content in frames of 256 KiB,
//! each compressed on its own with zstd (RFC 8878) and preceded by its length, and an index of those lengths
//! ([`Index`]). A frame that does not shrink is stored as it is. A frame is decompressed into no more bytes than it
//! can hold: one that claims more is `Corrupt`.
//!
//! The header tells the size of the content where it was known beforehand, or is less than a frame: then `head` and a
//! whole read take one request. Otherwise the index is read first.
//!
//! A file without the mark of the header is read as it is, and one that is stored uncompressed and begins like a
//! header is wrapped in a header that says so.

mod error;
mod frames;
mod header;
mod index;
mod media;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adstead_domain::port::{
    ByteStream, FileCapabilities, FileContent, FileInfo, FileKey, FilePage, FileStore, PortError,
    PortErrorKind, PresignGet, PresignPut, PutOptions, SignedRequest, StoredFile, Unfinished, Unsupported,
};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::announced::as_announced;
use super::framed::{ATTEMPTS, ByteReader, again, clamped, wrapped};
use error::CompressionError;
use frames::{Frames, compressed};
use header::{FRAME_BYTES, Header, MAGIC};
use index::{FrameLength, Index};
use media::is_compressible;

/// Files that are smaller are not worth it, in bytes.
const MIN_BYTES: usize = 1 << 10;

/// Up to where a range may begin, in bytes, to be read with what is before it in one request.
const EAGER_BYTES: u64 = 256 << 10;

/// What is read from the end of a file to find its index, in bytes: that of 4 GiB fits.
const END_BYTES: u64 = 64 << 10;

/// How files are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompressionOptions {
    /// The level of zstd: 1 (fast) to 19 (small).
    pub level: i32,
    /// Which files are compressed.
    pub which: Compressed,
}

/// Which files are compressed, and not only read where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compressed {
    /// None any more.
    Nothing,
    /// Those whose media type says that they shrink.
    KnownToShrink,
    /// Those, and those of which no media type is told.
    Untyped,
}

impl Default for CompressionOptions {
    /// Level 3, zstd's own default, and only what is known to shrink.
    fn default() -> Self {
        Self { level: 3, which: Compressed::KnownToShrink }
    }
}

/// Compresses files before they are stored in another store, where their media type says that they shrink.
///
/// A range is decompressed without the rest of its file: with one request where it begins in the first 256 KiB, else
/// with up to three. Presigned requests that read are not supported, since what is stored is not the file.
pub struct CompressedStorage {
    inner: Arc<dyn FileStore>,
    options: CompressionOptions,
}

impl CompressedStorage {
    /// The files of `inner`, compressed as `options` say.
    pub fn new(inner: Arc<dyn FileStore>, options: CompressionOptions) -> Self {
        Self { inner, options }
    }

    /// The index of a file of which this is known; nothing where it was replaced since.
    async fn index(
        &self,
        key: &FileKey,
        info: &FileInfo,
        frame_bytes: u32,
    ) -> Result<Option<Index>, PortError> {
        let stored = info.size_bytes;
        let mut wanted = END_BYTES;
        loop {
            let range = stored.saturating_sub(wanted)..stored;
            let Some(mut end) = again(&*self.inner, key, range, &info.tag).await? else { return Ok(None) };
            let end = end.take(wanted as usize).await?;
            match Index::len(&end) {
                Some(len) if len > wanted && len <= stored && wanted == END_BYTES => wanted = len,
                _ => {
                    let damaged = || CompressionError::Index(key.clone()).into_port("files.get");
                    return Index::read(&end, stored, frame_bytes).map(Some).ok_or_else(damaged);
                }
            }
        }
    }

    /// What is known of a file, and how many bytes are stored.
    async fn look_at(&self, key: &FileKey) -> Result<Option<(FileInfo, u64)>, PortError> {
        for _ in 0..ATTEMPTS {
            let Some(found) = self.inner.get(key, Some(0..Header::BYTES as u64)).await? else {
                return Ok(None);
            };
            let mut stored = ByteReader::new(found.bytes);
            let stored_bytes = found.info.size_bytes;
            let header = Header::read(stored.peek(Header::BYTES).await?, key);
            let size_bytes = match header.map_err(|error| error.into_port("files.head"))? {
                None => stored_bytes,
                Some(Header::Wrapped) => stored_bytes.saturating_sub(Header::BYTES as u64),
                Some(Header::InFrames { content_bytes: Some(content_bytes), .. }) => content_bytes,
                Some(Header::InFrames { frame_bytes, content_bytes: None }) => {
                    let Some(index) = self.index(key, &found.info, frame_bytes).await? else { continue };
                    index.content_bytes
                }
            };
            return Ok(Some((FileInfo { size_bytes, ..found.info }, stored_bytes)));
        }
        Err(CompressionError::Restless(key.clone()).into_port("files.head"))
    }

    /// The `range` of a file in frames of `frame_bytes`, with `known` bytes of content, if that is known.
    async fn in_frames(
        &self,
        key: &FileKey,
        begun: Begun,
        frame_bytes: u32,
        known: Option<u64>,
        range: Option<Range<u64>>,
    ) -> Result<Option<FileContent>, PortError> {
        let Begun { info, mut stored, end } = begun;
        let (content_bytes, mut index) = match known {
            Some(content_bytes) => (content_bytes, None),
            None => {
                let Some(index) = self.index(key, &info, frame_bytes).await? else { return Ok(None) };
                (index.content_bytes, Some(index))
            }
        };
        let frames = Frames { file: key.clone(), frame_bytes, content_bytes };
        let wanted = clamped(range, content_bytes);
        let needed = frames.of(&wanted);
        if !wanted.is_empty() && frames_end(needed.end, frame_bytes).min(info.size_bytes) <= end {
            stored.skip(Header::BYTES as u64).await?;
            frames.skip(&mut stored, needed.start).await?;
        } else if !wanted.is_empty() {
            if index.is_none() {
                index = self.index(key, &info, frame_bytes).await?;
            }
            let Some(index) = index else { return Ok(None) };
            if index.content_bytes != content_bytes {
                return Err(CompressionError::Index(key.clone()).into_port("files.get"));
            }
            let more = again(&*self.inner, key, index.stored_range(needed), &info.tag).await?;
            let Some(more) = more else { return Ok(None) };
            stored = more;
        }
        let bytes = frames.opened(stored, wanted.clone());
        let info = FileInfo { size_bytes: content_bytes, ..info };
        Ok(Some(FileContent { info, range: wanted, bytes }))
    }

    /// The `range` of a file that is stored as it is behind a header of `header` bytes.
    async fn as_it_is(
        &self,
        key: &FileKey,
        begun: Begun,
        header: u64,
        range: Option<Range<u64>>,
    ) -> Result<Option<FileContent>, PortError> {
        let Begun { info, mut stored, end } = begun;
        let size_bytes = info.size_bytes.saturating_sub(header);
        let wanted = clamped(range, size_bytes);
        let needed = header + wanted.start..header + wanted.end;
        if !wanted.is_empty() && needed.end <= end {
            stored.skip(needed.start).await?;
        } else if !wanted.is_empty() {
            let more = again(&*self.inner, key, needed, &info.tag).await?;
            let Some(more) = more else { return Ok(None) };
            stored = more;
        }
        let file = key.clone();
        let cut_short = move || CompressionError::CutShort(file.clone()).into_port("files.get");
        let bytes = stored.into_exactly(wanted.end - wanted.start, cut_short);
        Ok(Some(FileContent { info: FileInfo { size_bytes, ..info }, range: wanted, bytes }))
    }
}

/// A file whose first bytes, up to `end`, are there to be read. Where more is needed and it is another file by now, the
/// answer is nothing.
struct Begun {
    info: FileInfo,
    stored: ByteReader,
    end: u64,
}

/// Where the first `frames` frames of a file end at the latest.
fn frames_end(frames: u64, frame_bytes: u32) -> u64 {
    let longest = u64::from(frame_bytes) + FrameLength::BYTES as u64;
    frames.saturating_mul(longest).saturating_add(Header::BYTES as u64)
}

/// What to ask for first where `range` is to be read: all of it, if it is near, or what tells where it is.
fn first_request(range: Option<&Range<u64>>) -> Option<Range<u64>> {
    let range = range?;
    if range.is_empty() || range.start > EAGER_BYTES {
        return Some(0..Header::BYTES as u64);
    }
    Some(0..frames_end(range.end.div_ceil(FRAME_BYTES.into()), FRAME_BYTES))
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl FileStore for CompressedStorage {
    fn capabilities(&self) -> FileCapabilities {
        FileCapabilities { presigned_get: false, ..self.inner.capabilities() }
    }

    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        let size = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&size);
        let count = move |piece: &bytes::Bytes| {
            counted.fetch_add(piece.len() as u64, Ordering::Relaxed);
        };
        let mut content =
            ByteReader::new(as_announced(content, options.size_bytes).inspect_ok(count).boxed());
        let which = self.options.which;
        let shrinks = options.content_type.as_ref().map_or(which == Compressed::Untyped, is_compressible);
        let is_compressible =
            shrinks && which != Compressed::Nothing && content.peek(MIN_BYTES).await?.len() == MIN_BYTES;
        let (content, size_bytes) = if is_compressible {
            let start = content.peek(FRAME_BYTES as usize + 1).await?.len();
            let known = options.size_bytes.or((start <= FRAME_BYTES as usize).then_some(start as u64));
            (compressed(content, known, self.options.level), None)
        } else {
            let (content, header) = wrapped(content, &MAGIC, &Header::Wrapped.to_bytes()).await?;
            (content, options.size_bytes.map(|content| content.saturating_add(header)))
        };
        let options = PutOptions { size_bytes, ..options.clone() };
        let stored = self.inner.put(key, content, &options).await?;
        Ok(StoredFile { size_bytes: size.load(Ordering::Relaxed), ..stored })
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        for _ in 0..ATTEMPTS {
            let first = self.inner.get(key, first_request(range.as_ref())).await?;
            let Some(FileContent { info, range: Range { end, .. }, bytes }) = first else { return Ok(None) };
            let mut stored = ByteReader::new(bytes);
            let header = Header::read(stored.peek(Header::BYTES).await?, key);
            let (begun, range) = (Begun { info, stored, end }, range.clone());
            let found = match header.map_err(|error| error.into_port("files.get"))? {
                None => self.as_it_is(key, begun, 0, range).await?,
                Some(Header::Wrapped) => self.as_it_is(key, begun, Header::BYTES as u64, range).await?,
                Some(Header::InFrames { frame_bytes, content_bytes }) => {
                    self.in_frames(key, begun, frame_bytes, content_bytes, range).await?
                }
            };
            if let Some(found) = found {
                return Ok(Some(found));
            }
        }
        Err(CompressionError::Restless(key.clone()).into_port("files.get"))
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        Ok(self.look_at(key).await?.map(|(info, _)| info))
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

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        for _ in 0..ATTEMPTS {
            let Some((info, stored_bytes)) = self.look_at(from).await? else { return Ok(None) };
            let Some(stored) = self.inner.copy(from, to).await? else { return Ok(None) };
            // Another size tells that it was replaced since it was looked at.
            if stored.size_bytes == stored_bytes {
                return Ok(Some(StoredFile { size_bytes: info.size_bytes, ..stored }));
            }
        }
        Err(CompressionError::Restless(from.clone()).into_port("files.copy"))
    }

    async fn presign_get(&self, _: &FileKey, _: &PresignGet) -> Result<SignedRequest, PortError> {
        Err(PortError::new(PortErrorKind::Rejected, "files.presign_get").with_source(Unsupported::Presigned))
    }

    /// What such a request stores is not compressed.
    async fn presign_put(&self, key: &FileKey, terms: &PresignPut) -> Result<SignedRequest, PortError> {
        self.inner.presign_put(key, terms).await
    }

    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError> {
        self.inner.unfinished(before, remove).await
    }
}

impl fmt::Debug for CompressedStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompressedStorage").field("options", &self.options).finish_non_exhaustive()
    }
}
