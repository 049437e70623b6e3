use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use adstead_domain::Sha256Digest;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use futures::{Stream, StreamExt};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::fingerprint::Fingerprint;
use crate::problem::Problem;

/// How much of a body is read, and how long each piece of it may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimits {
    pub(super) most: u64,
    pub(super) patience: Duration,
}

impl BodyLimits {
    /// The fingerprint of a request, whose body is read to its end for it and kept nowhere.
    ///
    /// # Errors
    /// A body that is too large, breaks off, or stands still.
    pub(super) async fn fingerprint(self, request: Request) -> Result<Sha256Digest, Problem> {
        let (head, body) = request.into_parts();
        let passed = Passed {
            body: body.into_data_stream(),
            print: Fingerprint::of(&head),
            length: 0,
            is_broken: false,
        };
        self.read_to_end(passed).await
    }

    async fn read_to_end(self, passed: Passed) -> Result<Sha256Digest, Problem> {
        let broken =
            || Problem::malformed("the body broke off, or stood still for too long: send the request again");
        let mut passed = passed;
        while let Some(piece) = timeout(self.patience, passed.next()).await.map_err(|_| broken())? {
            piece.map_err(|_| broken())?;
            if passed.length > self.most {
                return Err(Problem::too_large(self.most));
            }
        }
        if passed.is_broken { Err(broken()) } else { Ok(passed.print.finish()) }
    }
}

/// A body that notes the fingerprint of what passed.
struct Passed {
    body: BodyDataStream,
    print: Fingerprint,
    length: u64,
    /// Whether there is a piece that nobody will ever see.
    is_broken: bool,
}

impl Stream for Passed {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = ready!(self.body.poll_next_unpin(cx));
        match &piece {
            Some(Ok(bytes)) => {
                self.length += bytes.len() as u64;
                self.print.pass(bytes);
            }
            Some(Err(_)) => self.is_broken = true,
            None => {}
        }
        Poll::Ready(piece)
    }
}

/// A body in a handler's hands. It comes back when the handler lets go of it, whatever was read of it by then.
struct Lent {
    passed: Option<Passed>,
    back: Option<oneshot::Sender<Passed>>,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.passed.as_mut().map_or(Poll::Ready(None), |passed| passed.poll_next_unpin(cx))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(passed), Some(back)) = (self.passed.take(), self.back.take()) {
            // Nobody waits for it where the call did nothing.
            back.send(passed).ok();
        }
    }
}

/// What a handler may not have read.
pub(super) struct Rest(oneshot::Receiver<Passed>);

impl Rest {
    /// The request for its handler, and what will be left of its body.
    pub(super) fn of(request: Request) -> (Request, Self) {
        let (head, body) = request.into_parts();
        let passed = Passed {
            body: body.into_data_stream(),
            print: Fingerprint::of(&head),
            length: 0,
            is_broken: false,
        };
        let (back, rest) = oneshot::channel();
        let lent = Lent { passed: Some(passed), back: Some(back) };
        (Request::from_parts(head, Body::from_stream(lent)), Self(rest))
    }

    /// The fingerprint of the whole request, for which the rest of its body is read.
    ///
    /// # Errors
    /// A body that is too large, breaks off, or stands still.
    pub(super) async fn fingerprint(self, limits: BodyLimits) -> Result<Sha256Digest, Problem> {
        let passed = timeout(limits.patience, self.0).await.ok().and_then(Result::ok);
        let passed = passed.ok_or_else(|| Problem::malformed("the body is still being read"))?;
        limits.read_to_end(passed).await
    }
}
