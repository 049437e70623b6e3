//! Reading a file, on from where a connection broke off.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{ByteStream, FileContent, FileInfo, FileKey, FileTag};
use aws_sdk_s3::primitives::ByteStream as Body;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::time::{sleep, timeout};

use super::OPERATION_GET;
use super::bucket::Bucket;
use super::error::{CloudStorageError, Stalled};
use super::info::{Described, quoted};

const ACTION: &str = "send a file";

/// How long is waited before a connection that broke off is made again; twice as long each time after the first.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The largest file that anybody keeps is far smaller; some servers cannot read larger numbers.
const FARTHEST: u64 = i64::MAX as u64;

/// The beginning of an answer.
struct Opened {
    info: FileInfo,
    range: Range<u64>,
    body: Body,
}

impl Bucket {
    pub(super) async fn get(
        self: &Arc<Self>,
        key: &FileKey,
        range: Option<Range<u64>>,
    ) -> Result<Option<FileContent>, CloudStorageError> {
        let object = self.keys.object(key);
        if let Some(range) = &range
            && (range.is_empty() || range.start >= FARTHEST)
        {
            return Ok(self.head_of(&object).await?.map(|info| nothing_of(info, range)));
        }
        match self.open(&object, range.clone(), None).await {
            Ok(Opened { info, range, body }) => {
                let tag = info.tag.clone();
                let download =
                    Download { bucket: Arc::clone(self), object, tag, left: range.clone(), body, idle: 0 };
                Ok(Some(FileContent { info, range, bytes: download.bytes() }))
            }
            Err(error) => {
                let Some(answer) = error.answer() else { return Err(error) };
                match range {
                    _ if answer.is_absence() => Ok(None),
                    Some(range) if answer.is_past_the_end() => self.past_the_end(&object, &range).await,
                    _ => Err(error),
                }
            }
        }
    }

    /// What there is of a file that ends before `range`.
    async fn past_the_end(
        &self,
        object: &str,
        range: &Range<u64>,
    ) -> Result<Option<FileContent>, CloudStorageError> {
        match self.head_of(object).await? {
            // Somebody has put a longer one there meanwhile.
            Some(info) if info.size_bytes > range.start => Err(CloudStorageError::Replaced),
            info => Ok(info.map(|info| nothing_of(info, range))),
        }
    }

    /// Asks for a file, or for `range` of it, which is not empty; with `tag`, only for that content.
    async fn open(
        &self,
        object: &str,
        range: Option<Range<u64>>,
        tag: Option<&FileTag>,
    ) -> Result<Opened, CloudStorageError> {
        let request = self.client.get_object().bucket(self.name()).key(object);
        let got = request.set_range(range.as_ref().map(asked)).set_if_match(tag.map(quoted)).send().await;
        let got = got.map_err(self.failed(ACTION))?;
        let (size_bytes, given) = match (&range, got.content_range.as_deref()) {
            (None, _) => (got.content_length, 0..got.content_length.unwrap_or_default().unsigned_abs()),
            (Some(range), Some(told)) => {
                let (given, size_bytes) =
                    content_range(told).ok_or_else(|| self.lacks(ACTION, "the range"))?;
                if given.start != range.start || given.end != range.end.min(size_bytes) {
                    return Err(self.lacks(ACTION, "the range that was asked for"));
                }
                (i64::try_from(size_bytes).ok(), given)
            }
            (Some(_), None) => return Err(self.lacks(ACTION, "the range")),
        };
        let described = Described {
            size_bytes,
            tag: got.e_tag,
            modified_at: got.last_modified,
            content_type: got.content_type,
            metadata: got.metadata,
        };
        let info = described.info().map_err(|what| self.lacks(ACTION, what))?;
        Ok(Opened { info, range: given, body: got.body })
    }
}

/// A file of which no byte was asked for, or none is there.
fn nothing_of(info: FileInfo, range: &Range<u64>) -> FileContent {
    let at = range.start.min(info.size_bytes);
    FileContent { info, range: at..at, bytes: stream::empty().boxed() }
}

/// A range as `Range` says it, RFC 9110, section 14.1.2.
fn asked(range: &Range<u64>) -> String {
    let Range { start, end } = range;
    if *end >= FARTHEST { format!("bytes={start}-") } else { format!("bytes={start}-{}", end - 1) }
}

/// What `Content-Range` says, RFC 9110, section 14.4: the range, and the size of the whole.
fn content_range(told: &str) -> Option<(Range<u64>, u64)> {
    let (range, size_bytes) = told.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((first.parse().ok()?..last.parse::<u64>().ok()?.checked_add(1)?, size_bytes.parse().ok()?))
}

/// A file on its way.
struct Download {
    bucket: Arc<Bucket>,
    object: String,
    tag: FileTag,
    /// What has not come yet.
    left: Range<u64>,
    body: Body,
    /// How often the connection broke off since the last byte.
    idle: u32,
}

/// Why no bytes come.
type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Download {
    fn bytes(self) -> ByteStream {
        let pieces = stream::try_unfold(self, |mut download| async move {
            Ok::<_, CloudStorageError>(download.next().await?.map(|piece| (piece, download)))
        });
        pieces.map_err(|error| error.into_port(OPERATION_GET)).boxed()
    }

    async fn next(&mut self) -> Result<Option<Bytes>, CloudStorageError> {
        loop {
            let broke_off: Cause = match self.read().await {
                Ok(Some(piece)) if piece.is_empty() => continue,
                Ok(Some(piece)) => {
                    self.left.start += piece.len() as u64;
                    self.idle = 0;
                    let is_within = self.left.start <= self.left.end;
                    let surplus = || self.bucket.lacks(ACTION, "just the bytes that were asked for");
                    return if is_within { Ok(Some(piece)) } else { Err(surplus()) };
                }
                Ok(None) if self.left.is_empty() => return Ok(None),
                Ok(None) => "the answer ended".into(),
                // All has come, and is not what its checksum says.
                Err(source) if self.left.is_empty() => return Err(CloudStorageError::Damaged { source }),
                Err(error) => error,
            };
            self.resume(broke_off).await?;
        }
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Cause> {
        let next = self.body.next();
        let piece = match self.bucket.config.stall_timeout {
            Some(patience) => timeout(patience, next).await.map_err(|_| Stalled(patience))?,
            None => next.await,
        };
        Ok(piece.transpose()?)
    }

    /// Asks for what has not come yet, if there was not enough asking.
    async fn resume(&mut self, source: Cause) -> Result<(), CloudStorageError> {
        self.idle += 1;
        let Range { start: position, end } = self.left;
        if self.idle >= self.bucket.config.max_attempts {
            let place = Arc::clone(&self.bucket.place);
            return Err(CloudStorageError::BrokenOff { place, position, end, attempts: self.idle, source });
        }
        tracing::debug!(object = self.object, position, end, cause = %source, "a file broke off: asking for the rest");
        sleep(FIRST_WAIT * (1 << (self.idle - 1).min(5))).await;
        let opened = self.bucket.open(&self.object, Some(self.left.clone()), Some(&self.tag)).await;
        let is_gone = |error: &CloudStorageError| {
            error.answer().is_some_and(|it| it.is_condition() || it.is_absence() || it.is_past_the_end())
        };
        self.body = match opened {
            Ok(opened) if opened.info.tag == self.tag => opened.body,
            Ok(_) => return Err(CloudStorageError::Replaced),
            Err(error) if is_gone(&error) => return Err(CloudStorageError::Replaced),
            Err(error) => return Err(error),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_asked_for_and_read() {
        assert_eq!(asked(&(0..1)), "bytes=0-0");
        assert_eq!(asked(&(7..u64::MAX)), "bytes=7-");
        assert_eq!(content_range("bytes 5-9/150000"), Some((5..10, 150_000)));
        for strange in ["bytes */10", "5-9/10", "bytes 5-9/*", "bytes 5/9"] {
            assert_eq!(content_range(strange), None, "{strange}");
        }
    }
}
