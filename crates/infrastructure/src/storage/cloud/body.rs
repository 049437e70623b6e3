//! What is sent as the body of a request: pieces that stand in memory, and can be sent again.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Pieces that are sent one after the other.
struct Pieces {
    pieces: Arc<[Bytes]>,
    next: usize,
    left_bytes: u64,
}

/// A body that yields `pieces`, from their beginning at each attempt.
pub(super) fn of_pieces(pieces: Vec<Bytes>) -> ByteStream {
    let pieces: Arc<[Bytes]> = pieces.into();
    let left_bytes = pieces.iter().map(|piece| piece.len() as u64).sum();
    let body = move || SdkBody::from_body_1_x(Pieces { pieces: Arc::clone(&pieces), next: 0, left_bytes });
    ByteStream::new(SdkBody::retryable(body))
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.pieces.get(self.next).cloned();
        self.next += 1;
        self.left_bytes -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left_bytes == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left_bytes)
    }
}
