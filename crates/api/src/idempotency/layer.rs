use std::convert::Infallible;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use adstead_application::Application;
use axum::extract::Request;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use futures::future::{BoxFuture, Either};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service};

use super::body::BodyLimits;
use super::call::{self, IDEMPOTENCY_KEY};
use crate::ApiState;

/// How many named calls may be under way, on all routes together. One whose client hung up goes on, and then no other
/// limit counts it.
#[derive(Clone)]
pub(crate) struct Places(Arc<Semaphore>);

impl Places {
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))))
    }

    pub(super) fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }
}

/// The station as a layer of some routes.
#[derive(Clone)]
pub(crate) struct IdempotencyLayer {
    station: Arc<Station>,
}

/// What all calls of these routes share.
pub(super) struct Station {
    pub(super) application: Arc<Application>,
    pub(super) places: Places,
    pub(super) bodies: BodyLimits,
    /// How long somebody waits for the answer to the same call.
    pub(super) patience: Duration,
}

impl IdempotencyLayer {
    /// The station of routes whose bodies have `most` bytes.
    pub(crate) fn new(state: &ApiState, places: &Places, most: u64) -> Self {
        let patience = state.limits.request_timeout;
        Self {
            station: Arc::new(Station {
                application: Arc::clone(&state.application),
                places: places.clone(),
                bodies: BodyLimits { most, patience },
                patience,
            }),
        }
    }
}

impl<S> Layer<S> for IdempotencyLayer {
    type Service = Idempotent<S>;

    fn layer(&self, inner: S) -> Idempotent<S> {
        Idempotent { inner, station: Arc::clone(&self.station) }
    }
}

/// Handlers behind the station.
#[derive(Clone)]
pub(crate) struct Idempotent<S> {
    inner: S,
    station: Arc<Station>,
}

impl<S> Service<Request> for Idempotent<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.method() != Method::POST || !request.headers().contains_key(IDEMPOTENCY_KEY) {
            return Either::Left(self.inner.call(request));
        }
        // What was asked whether it is ready is what must be called.
        let next = self.inner.clone();
        let ready = mem::replace(&mut self.inner, next);
        let answered = call::answer(Arc::clone(&self.station), ready, request);
        Either::Right(answered.map(|answer| Ok(answer.into_response())).boxed())
    }
}
