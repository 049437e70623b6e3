use adstead_domain::port::{ByteStream, PortError};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream};

/// A stream of bytes that is read by their number.
pub(in crate::storage) struct ByteReader {
    stream: ByteStream,
    ahead: BytesMut,
}

impl ByteReader {
    pub(in crate::storage) fn new(stream: ByteStream) -> Self {
        Self { stream, ahead: BytesMut::new() }
    }

    /// The next `count` bytes, which stay to be read; fewer at the end of the stream.
    pub(in crate::storage) async fn peek(&mut self, count: usize) -> Result<&[u8], PortError> {
        self.fill(count).await?;
        Ok(&self.ahead[..count.min(self.ahead.len())])
    }

    /// The next `count` bytes; fewer at the end of the stream.
    pub(in crate::storage) async fn take(&mut self, count: usize) -> Result<BytesMut, PortError> {
        self.fill(count).await?;
        Ok(self.ahead.split_to(count.min(self.ahead.len())))
    }

    /// Passes over the next `count` bytes, or what there is.
    pub(in crate::storage) async fn skip(&mut self, mut count: u64) -> Result<(), PortError> {
        loop {
            let passed = usize::try_from(count).unwrap_or(usize::MAX).min(self.ahead.len());
            let _ = self.ahead.split_to(passed);
            count -= passed as u64;
            match count {
                0 => return Ok(()),
                _ => match self.stream.try_next().await? {
                    Some(piece) => self.ahead = BytesMut::from(piece),
                    None => return Ok(()),
                },
            }
        }
    }

    /// What was not read yet, as a stream.
    pub(in crate::storage) fn into_stream(self) -> ByteStream {
        let Self { stream: rest, ahead } = self;
        stream::iter((!ahead.is_empty()).then(|| Ok(ahead.freeze()))).chain(rest).boxed()
    }

    /// The next `count` bytes, as a stream, which ends with the error that `cut_short` makes where there are fewer.
    pub(in crate::storage) fn into_exactly(
        self,
        count: u64,
        cut_short: impl Fn() -> PortError + Send + Sync + 'static,
    ) -> ByteStream {
        let state = (self.into_stream(), count, cut_short);
        stream::try_unfold(state, |(mut stream, missing, cut_short)| async move {
            if missing == 0 {
                return Ok(None);
            }
            let Some(mut piece) = stream.try_next().await? else { return Err(cut_short()) };
            piece.truncate(usize::try_from(missing).unwrap_or(usize::MAX));
            let missing = missing - piece.len() as u64;
            Ok(Some((piece, (stream, missing, cut_short))))
        })
        .boxed()
    }

    async fn fill(&mut self, count: usize) -> Result<(), PortError> {
        while self.ahead.len() < count {
            let Some(piece) = self.stream.try_next().await? else { return Ok(()) };
            self.push(piece, count);
        }
        Ok(())
    }

    fn push(&mut self, piece: Bytes, wanted: usize) {
        if self.ahead.is_empty() {
            // It is copied only where others hold it too.
            self.ahead = BytesMut::from(piece);
        } else {
            self.ahead.reserve(piece.len().max(wanted - self.ahead.len()));
            self.ahead.extend_from_slice(&piece);
        }
    }
}
