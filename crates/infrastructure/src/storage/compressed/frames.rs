//! Compresses and decompresses by the frame.

use std::ops::Range;

use adstead_domain::port::{ByteStream, FileKey, PortError};
use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::task::spawn_blocking;

use super::error::CompressionError;
use super::header::{FRAME_BYTES, Header};
use super::index::{FrameLength, Index};
use crate::storage::framed::ByteReader;

/// The file that holds `content`, of which there are `content_bytes`, where that is known.
pub(super) fn compressed(content: ByteReader, content_bytes: Option<u64>, level: i32) -> ByteStream {
    let header = Header::InFrames { frame_bytes: FRAME_BYTES, content_bytes }.to_bytes();
    let frames = stream::try_unfold(Some((content, Index::default())), move |state| async move {
        let Some((mut content, mut index)) = state else { return Ok(None) };
        let plain = content.take(FRAME_BYTES as usize).await?.freeze();
        if plain.is_empty() {
            return Ok(Some((Bytes::from(index.to_bytes()), None)));
        }
        let plain_bytes = plain.len() as u64;
        let (length, frame) = on_a_thread("files.put", move || compress(&plain, level)).await?;
        index
            .push(plain_bytes, length)
            .ok_or_else(|| CompressionError::TooLong(index.content_bytes).into_port("files.put"))?;
        Ok(Some((frame, Some((content, index)))))
    });
    stream::once(async move { Ok(Bytes::copy_from_slice(&header)) }).chain(frames).boxed()
}

/// A frame with its length before it.
fn compress(plain: &[u8], level: i32) -> Result<(FrameLength, Bytes), CompressionError> {
    let packed = zstd::bulk::compress(plain, level).map_err(CompressionError::Compressor)?;
    let is_raw = packed.len() >= plain.len();
    let stored = if is_raw { plain } else { &packed };
    let length = FrameLength { bytes: stored.len() as u32, is_raw };
    Ok((length, [&length.to_bytes(), stored].concat().into()))
}

/// The frames of a file.
#[derive(Debug, Clone)]
pub(super) struct Frames {
    pub(super) file: FileKey,
    pub(super) frame_bytes: u32,
    /// The size of the content of all.
    pub(super) content_bytes: u64,
}

impl Frames {
    /// The frames that hold the bytes `wanted` of the content.
    pub(super) fn of(&self, wanted: &Range<u64>) -> Range<u64> {
        let frame_bytes = u64::from(self.frame_bytes);
        wanted.start / frame_bytes..wanted.end.div_ceil(frame_bytes)
    }

    /// Passes over the next `count` frames of `stored`.
    pub(super) async fn skip(&self, stored: &mut ByteReader, count: u64) -> Result<(), PortError> {
        for _ in 0..count {
            let length = self.length(stored).await?;
            stored.skip(length.bytes.into()).await?;
        }
        Ok(())
    }

    /// The bytes `wanted` of the content; `stored` is at the first frame that holds any of them.
    pub(super) fn opened(self, stored: ByteReader, wanted: Range<u64>) -> ByteStream {
        let frames = self.of(&wanted);
        let state = (self, stored, frames.start);
        stream::try_unfold(state, move |(this, mut stored, frame)| {
            let wanted = wanted.clone();
            async move {
                let start = frame * u64::from(this.frame_bytes);
                if start >= wanted.end || wanted.is_empty() {
                    return Ok::<_, PortError>(None);
                }
                let content = this.next(&mut stored, frame).await?;
                let from = wanted.start.saturating_sub(start) as usize;
                let to = (wanted.end - start).min(content.len() as u64) as usize;
                Ok(Some((content.slice(from..to), (this, stored, frame + 1))))
            }
        })
        .boxed()
    }

    /// The content of the next frame of `stored`, which is this one.
    async fn next(&self, stored: &mut ByteReader, frame: u64) -> Result<Bytes, PortError> {
        let frame_bytes = u64::from(self.frame_bytes);
        let expected = (self.content_bytes - frame * frame_bytes).min(frame_bytes) as usize;
        let damaged = CompressionError::Frame { file: self.file.clone(), frame };
        let length = self.length(stored).await?;
        let is_possible = match length.is_raw {
            true => length.bytes as usize == expected,
            false => (length.bytes as usize) < expected,
        };
        if !is_possible {
            return Err(damaged.into_port("files.get"));
        }
        let bytes = stored.take(length.bytes as usize).await?.freeze();
        if bytes.len() < length.bytes as usize {
            return Err(self.cut_short());
        }
        if length.is_raw {
            return Ok(bytes);
        }
        // No more than a frame can hold, whatever it claims to be.
        let decompress = move || match zstd::bulk::decompress(&bytes, expected) {
            Ok(content) if content.len() == expected => Ok(Bytes::from(content)),
            _ => Err(damaged),
        };
        on_a_thread("files.get", decompress).await
    }

    async fn length(&self, stored: &mut ByteReader) -> Result<FrameLength, PortError> {
        let bytes = stored.take(FrameLength::BYTES).await?;
        bytes.first_chunk().copied().map(FrameLength::read).ok_or_else(|| self.cut_short())
    }

    fn cut_short(&self) -> PortError {
        CompressionError::CutShort(self.file.clone()).into_port("files.get")
    }
}

/// Runs `work`, which takes a millisecond or more, where it holds up nobody else.
async fn on_a_thread<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> Result<T, CompressionError> + Send + 'static,
) -> Result<T, PortError> {
    let done = spawn_blocking(work).await.map_err(CompressionError::Lost).flatten();
    done.map_err(|error| error.into_port(operation))
}
