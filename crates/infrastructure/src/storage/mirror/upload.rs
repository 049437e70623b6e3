use std::pin::pin;
use std::sync::Arc;

use adstead_domain::port::{
    ByteStream, FileKey, FileStore, PortError, PortErrorKind, PutOptions, StoredFile,
};
use bytes::Bytes;
use futures::channel::mpsc;
use futures::future::{self, BoxFuture};
use futures::{FutureExt, SinkExt, StreamExt, TryStreamExt};

/// How many pieces of a file wait for the slower of two stores.
const PIECES: usize = 4;

/// A `put` whose content is handed to it, and which therefore stores nothing before it is told to
/// [`finish`](Self::finish).
pub(super) struct Upload {
    pieces: mpsc::Sender<Result<Bytes, PortError>>,
    /// The outcome, until it was taken.
    put: Option<BoxFuture<'static, Result<StoredFile, PortError>>>,
}

impl Upload {
    pub(super) fn begin(store: &Arc<dyn FileStore>, key: &FileKey, options: PutOptions) -> Self {
        let (pieces, incoming) = mpsc::channel(PIECES);
        let (store, key) = (Arc::clone(store), key.clone());
        let put = async move { store.put(&key, incoming.boxed(), &options).await };
        Self { pieces, put: Some(put.boxed()) }
    }

    /// Ends the content: the file is stored, or was refused.
    pub(super) async fn finish(self) -> Result<StoredFile, PortError> {
        let Self { pieces, put } = self;
        drop(pieces);
        match put {
            Some(put) => put.await,
            None => Err(out_of_turn()),
        }
    }

    /// Breaks the content off, so that nothing is stored.
    pub(super) async fn abandon(self) {
        let Self { mut pieces, put } = self;
        if let Some(put) = put {
            let broken = PortError::new(PortErrorKind::Unexpected, "files.put")
                .with_source("the other storage did not take the file");
            let (_, _refused) = future::join(pieces.send(Err(broken)), put).await;
        }
    }

    /// Ends only where the store answers before all of the content was handed to it: it failed.
    async fn failed(put: &mut Option<BoxFuture<'static, Result<StoredFile, PortError>>>) -> PortError {
        let Some(running) = put else { return future::pending().await };
        let outcome = running.await;
        *put = None;
        outcome.err().unwrap_or_else(out_of_turn)
    }
}

fn out_of_turn() -> PortError {
    PortError::new(PortErrorKind::Unexpected, "files.put")
        .with_source("the store answered before the content had ended")
}

/// Hands all of `content` to both uploads, the end excepted, no faster than the slower of the two takes it.
pub(super) async fn hand_to_both(
    mut content: ByteStream,
    one: &mut Upload,
    other: &mut Upload,
) -> Result<(), PortError> {
    let (to_one, to_other) = (&mut one.pieces, &mut other.pieces);
    let handing = async {
        while let Some(piece) = content.try_next().await? {
            let sent = future::try_join(to_one.send(Ok(piece.clone())), to_other.send(Ok(piece))).await;
            if sent.is_err() {
                // Whoever does not listen any more is about to say why.
                future::pending::<()>().await;
            }
        }
        Ok(())
    };
    let mut handing = pin!(handing.fuse());
    let mut one_failed = pin!(Upload::failed(&mut one.put).fuse());
    let mut other_failed = pin!(Upload::failed(&mut other.put).fuse());
    futures::select_biased! {
        error = one_failed => Err(error),
        error = other_failed => Err(error),
        handed = handing => handed,
    }
}
