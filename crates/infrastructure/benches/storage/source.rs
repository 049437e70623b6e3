//! Files that arrive as bodies of requests do.

use adstead_domain::port::ByteStream;
use bytes::Bytes;
use futures::{StreamExt, stream};

pub(crate) const MIB: u64 = 1 << 20;

/// What arrives at once.
const PIECE: usize = 64 << 10;

/// A file of so many bytes. Each piece is memory of its own, made when it is asked for.
pub(crate) fn file(bytes: u64) -> ByteStream {
    let piece: Vec<u8> = (0..PIECE as u32).map(|at| (at.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    let pieces = usize::try_from(bytes).expect("a file of whole pieces") / PIECE;
    stream::iter((0..pieces).map(move |_| Ok(Bytes::copy_from_slice(&piece)))).boxed()
}
