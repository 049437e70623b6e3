//! Files that are stored in another form than their content has: they begin with a mark, and are read by the piece.

mod magic;
mod reader;

use std::ops::Range;

use adstead_domain::port::{ByteStream, FileKey, FileStore, FileTag, PortError};
use bytes::Bytes;
use futures::{StreamExt, stream};

pub(super) use magic::{Likeness, Magic};
pub(super) use reader::ByteReader;

/// How often a file that is replaced while it is read is begun anew.
pub(super) const ATTEMPTS: usize = 4;

/// `range` inside a file of `size_bytes`; all of it where no range is asked for.
pub(super) fn clamped(range: Option<Range<u64>>, size_bytes: u64) -> Range<u64> {
    let range = range.unwrap_or(0..size_bytes);
    let start = range.start.min(size_bytes);
    start..range.end.clamp(start, size_bytes)
}

/// More of a file of which a part was read already; nothing where it is not the file of this `tag` any more.
pub(super) async fn again(
    store: &dyn FileStore,
    key: &FileKey,
    range: Range<u64>,
    tag: &FileTag,
) -> Result<Option<ByteReader>, PortError> {
    let found = store.get(key, Some(range)).await?.filter(|found| found.info.tag == *tag);
    Ok(found.map(|found| ByteReader::new(found.bytes)))
}

/// `content` as it is, behind the `header` where it begins like a file with the mark `magic`; with the bytes that the
/// header takes.
pub(super) async fn wrapped(
    mut content: ByteReader,
    magic: &Magic,
    header: &[u8],
) -> Result<(ByteStream, u64), PortError> {
    if magic.likeness(content.peek(Magic::BYTES).await?) == Likeness::None {
        return Ok((content.into_stream(), 0));
    }
    let wrapper = stream::iter([Ok(Bytes::copy_from_slice(header))]);
    Ok((wrapper.chain(content.into_stream()).boxed(), header.len() as u64))
}
