use adstead_domain::port::{ByteStream, PortError};
use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::task::{JoinHandle, spawn_blocking};

use super::folder::Arriving;

/// How much is gathered before it is written, in bytes.
const WRITE_BYTES: usize = 256 << 10;

/// A file on its way to a reader and to the cache.
struct Tee {
    content: ByteStream,
    arriving: Option<Arriving>,
    gathered: Vec<Bytes>,
    gathered_bytes: usize,
    missing: u64,
    finishing: Option<JoinHandle<()>>,
}

/// `content`, which is cached once all of it was read. The reader waits for the cache's disk, but is not failed by it.
pub(super) fn teed(content: ByteStream, arriving: Arriving) -> ByteStream {
    let missing = arriving.size_bytes();
    let tee = Tee {
        content,
        arriving: Some(arriving),
        gathered: Vec::new(),
        gathered_bytes: 0,
        missing,
        finishing: None,
    };
    stream::try_unfold(tee, |mut tee| async { Ok(tee.next().await?.map(|piece| (piece, tee))) }).boxed()
}

impl Tee {
    async fn next(&mut self) -> Result<Option<Bytes>, PortError> {
        let Some(piece) = self.content.next().await.transpose()? else {
            self.ended();
            if let Some(finishing) = self.finishing.take() {
                // It has said itself what went wrong, and the reader has all that it wanted.
                let _ = finishing.await;
            }
            return Ok(None);
        };
        self.keep(piece.clone()).await;
        if self.missing == 0 && self.arriving.is_some() {
            // A reader who knows the size may not ask again.
            match self.content.next().await {
                None => {
                    self.ended();
                    self.content = stream::empty().boxed();
                }
                Some(more) => {
                    let rest = std::mem::replace(&mut self.content, stream::empty().boxed());
                    self.content = stream::iter([more]).chain(rest).boxed();
                    self.arriving = None;
                }
            }
        }
        Ok(Some(piece))
    }

    async fn keep(&mut self, piece: Bytes) {
        let Some(missing) = self.missing.checked_sub(piece.len() as u64) else {
            self.arriving = None;
            return;
        };
        self.missing = missing;
        self.gathered_bytes += piece.len();
        self.gathered.push(piece);
        if self.gathered_bytes < WRITE_BYTES {
            return;
        }
        let pieces = std::mem::take(&mut self.gathered);
        self.gathered_bytes = 0;
        if let Some(arriving) = self.arriving.take() {
            self.arriving = spawn_blocking(move || arriving.written(&pieces)).await.ok().flatten();
        }
    }

    /// Keeps what has arrived, if it is all.
    fn ended(&mut self) {
        let pieces = std::mem::take(&mut self.gathered);
        if let Some(arriving) = self.arriving.take().filter(|_| self.missing == 0) {
            self.finishing = Some(spawn_blocking(move || {
                if let Some(whole) = arriving.written(&pieces) {
                    whole.finished();
                }
            }));
        }
    }
}
