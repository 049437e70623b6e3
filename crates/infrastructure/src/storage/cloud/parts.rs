//! A file, cut into parts as it arrives.

use std::mem;

use adstead_domain::port::{ByteStream, FileRefusal, PortError};
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;

use super::error::CloudStorageError;

/// The most parts that a file may have, <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
pub(super) const MAX_PARTS: u64 = 10_000;

/// The most that a part may have, in bytes.
const MAX_PART_BYTES: u64 = 5 << 30;

/// Pieces of less are gathered in memory of our own: each would take more than its bytes.
const SMALL: usize = 4 << 10;

/// How much of small pieces is gathered into one.
const GATHERED: usize = 64 << 10;

/// How large a part is of a file that may have been announced: such that there are not too many.
pub(super) fn part_bytes(announced: Option<u64>, usual: u64) -> Result<u64, CloudStorageError> {
    let needed = announced.map_or(0, |size_bytes| size_bytes.div_ceil(MAX_PARTS));
    if needed > MAX_PART_BYTES {
        return Err(FileRefusal::TooLarge { max_bytes: MAX_PARTS * MAX_PART_BYTES }.into());
    }
    Ok(usual.max(needed))
}

/// The next bytes of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) pieces: Vec<Bytes>,
    pub(super) bytes: u64,
    /// Whether the file ends with it.
    pub(super) is_last: bool,
}

/// A file that arrives.
pub(super) struct Parts {
    content: ByteStream,
    part_bytes: u64,
    /// What has arrived and is in no part yet.
    pieces: Vec<Bytes>,
    small: BytesMut,
    bytes: u64,
}

impl Parts {
    pub(super) fn of(content: ByteStream, part_bytes: u64) -> Self {
        Self { content, part_bytes, pieces: Vec::new(), small: BytesMut::new(), bytes: 0 }
    }

    /// The next part: of just `part_bytes`, but for the last, which may have less and even nothing.
    pub(super) async fn next(&mut self) -> Result<Part, PortError> {
        while self.bytes <= self.part_bytes {
            let Some(piece) = self.content.try_next().await? else {
                self.gather_small();
                let (pieces, bytes) = (mem::take(&mut self.pieces), mem::take(&mut self.bytes));
                return Ok(Part { pieces, bytes, is_last: true });
            };
            self.push(piece);
        }
        self.gather_small();
        let mut rest = Vec::new();
        while self.bytes > self.part_bytes {
            let mut last = self.pieces.pop().expect("there are more bytes than a part has");
            let excess = (self.bytes - self.part_bytes).min(last.len() as u64);
            let cut = usize::try_from(last.len() as u64 - excess).expect("it is within a piece");
            rest.push(last.split_off(cut));
            self.bytes -= excess;
            if !last.is_empty() {
                self.pieces.push(last);
            }
        }
        rest.reverse();
        let part = Part { pieces: mem::take(&mut self.pieces), bytes: self.part_bytes, is_last: false };
        self.bytes = rest.iter().map(|piece| piece.len() as u64).sum();
        self.pieces = rest;
        Ok(part)
    }

    fn push(&mut self, piece: Bytes) {
        self.bytes += piece.len() as u64;
        if piece.len() < SMALL {
            self.small.extend_from_slice(&piece);
            if self.small.len() < GATHERED {
                return;
            }
            self.gather_small();
        } else {
            self.gather_small();
            self.pieces.push(piece);
        }
    }

    fn gather_small(&mut self) {
        if !self.small.is_empty() {
            self.pieces.push(self.small.split().freeze());
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};

    use super::*;

    async fn cut(sizes: &[usize], part_bytes: u64) -> Vec<(u64, bool)> {
        let pieces = sizes.iter().map(|size| Ok(Bytes::from(vec![7; *size]))).collect::<Vec<_>>();
        let mut parts = Parts::of(stream::iter(pieces).boxed(), part_bytes);
        let mut cut = Vec::new();
        loop {
            let part = parts.next().await.expect("a file that arrives whole");
            assert_eq!(part.pieces.iter().map(|piece| piece.len() as u64).sum::<u64>(), part.bytes);
            cut.push((part.bytes, part.is_last));
            if part.is_last {
                return cut;
            }
        }
    }

    #[tokio::test]
    async fn all_parts_but_the_last_are_of_one_size() {
        assert_eq!(cut(&[], 10_000).await, [(0, true)]);
        assert_eq!(cut(&[10_000], 10_000).await, [(10_000, true)]);
        assert_eq!(cut(&[9_000, 1_001], 10_000).await, [(10_000, false), (1, true)]);
        assert_eq!(cut(&[45_000], 10_000).await[3..], [(10_000, false), (5_000, true)]);
        assert_eq!(cut(&[7; 3_000], 10_000).await, [(10_000, false), (10_000, false), (1_000, true)]);
        assert_eq!(cut(&[3, 9_000, 5, 20_000, 1], 10_000).await[1..], [(10_000, false), (9_009, true)]);
    }

    #[tokio::test]
    async fn no_byte_changes_its_place() {
        let file: Bytes = (0..50_000_u32).map(|at| (at % 251) as u8).collect::<Vec<_>>().into();
        for piece in [1, 100, 4_095, 4_096, 7_001, 50_000] {
            let pieces = file.chunks(piece).map(|it| Ok(Bytes::copy_from_slice(it))).collect::<Vec<_>>();
            let mut parts = Parts::of(stream::iter(pieces).boxed(), 12_000);
            let mut whole = Vec::new();
            loop {
                let part = parts.next().await.expect("a file that arrives whole");
                whole.extend(part.pieces.concat());
                if part.is_last {
                    break;
                }
            }
            assert!(whole == file, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_large_file_has_larger_parts_and_one_past_all_bounds_is_refused() {
        let mib = 1 << 20;
        assert_eq!(part_bytes(None, 8 * mib).expect("a size"), 8 * mib);
        assert_eq!(part_bytes(Some(80_000 * mib), 8 * mib).expect("a size"), 8 * mib);
        assert_eq!(part_bytes(Some(80_000 * mib + 1), 8 * mib).expect("a size"), 8 * mib + 1);
        part_bytes(Some(u64::MAX), 8 * mib).expect_err("more than any server takes");
    }
}
