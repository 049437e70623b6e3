use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use adstead_application::idempotency::{AnswerOnce, Claimed, Outcome};
use adstead_domain::port::{Chain, Claim, KeptAnswer, KeyState};
use adstead_domain::{Actor, IdempotencyKey, Violation};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, sleep};
use tower::{Service, ServiceExt};
use tracing::Instrument;

use super::answer;
use super::body::Rest;
use super::layer::Station;
use crate::caller::Caller;
use crate::observe;
use crate::problem::{Problem, ProblemKind};

/// The header that names a call.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The answer to a call that its client named: that of the handlers, or the one that was given before.
pub(super) async fn answer<S>(
    station: Arc<Station>,
    handlers: S,
    request: Request,
) -> Result<Response, Problem>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let Caller(actor) = Caller::of(request.headers(), &station.application).await?;
    let key = key_of(request.headers())?;
    let place = Arc::new(station.places.take().ok_or_else(Problem::overloaded)?);
    let mut request = request;
    request.extensions_mut().insert(Caller(actor));
    let deadline = Instant::now() + station.patience;
    loop {
        let call = Call {
            station: Arc::clone(&station),
            handlers: handlers.clone(),
            actor,
            key: key.clone(),
            place: Arc::clone(&place),
        };
        let (state, unread) = match call.run(request).await? {
            Called::Now(response) => return Ok(response),
            Called::Before(state, unread) => (state, unread),
        };
        match state {
            KeyState::Running => station.until_it_ended(&actor, &key, deadline).await?,
            KeyState::Answered(kept) => return station.again(&kept, unread).await,
            KeyState::Unknown => return Err(unknown()),
        }
        request = unread;
    }
}

fn key_of(headers: &HeaderMap) -> Result<IdempotencyKey, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (Some(key), None) = (given.next(), given.next()) else {
        return Err(Problem::malformed("Idempotency-Key is given twice: give it once"));
    };
    // What is no visible ASCII is no key either.
    key.to_str().unwrap_or_default().parse().map_err(|fault: Violation| Problem::malformed(fault.message()))
}

fn unknown() -> Problem {
    Problem::new(
        ProblemKind::OutcomeUnknown,
        "nobody knows what the first call with this Idempotency-Key did: look what is there before you repeat it, \
         and repeat it with a new key",
    )
}

impl Station {
    /// Waits until the key's call is no longer running.
    ///
    /// # Errors
    /// It is, at the deadline.
    async fn until_it_ended(
        &self,
        actor: &Actor,
        key: &IdempotencyKey,
        deadline: Instant,
    ) -> Result<(), Problem> {
        const LONGEST: Duration = Duration::from_millis(500);
        let mut wait = Duration::from_millis(10);
        while Instant::now() + wait < deadline {
            sleep(wait).await;
            if self.application.answer_once.state(actor, key).await? != Some(KeyState::Running) {
                return Ok(());
            }
            wait = (wait * 2).min(LONGEST);
        }
        let detail =
            "the first call with this Idempotency-Key is still running: send it again a little later";
        Err(Problem::new(ProblemKind::IdempotencyKeyInUse, detail).passing())
    }

    /// The answer that was kept, where `request` is the one that it was given to.
    async fn again(&self, kept: &KeptAnswer, request: Request) -> Result<Response, Problem> {
        let KeptAnswer { fingerprint, content } = kept;
        if self.bodies.fingerprint(request).await? != *fingerprint {
            return Err(Problem::new(
                ProblemKind::IdempotencyKeyReused,
                "this Idempotency-Key came with another request before: send each new request with a new key",
            ));
        }
        Ok(answer::replayed(content)?)
    }
}

/// One attempt at carrying a call out.
struct Call<S> {
    station: Arc<Station>,
    handlers: S,
    actor: Actor,
    key: IdempotencyKey,
    place: Arc<OwnedSemaphorePermit>,
}

/// What came of an attempt.
enum Called {
    /// The call was carried out.
    Now(Response),
    /// The key was claimed before, and nothing was read of the request.
    Before(KeyState, Request),
}

impl<S> Call<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    /// Runs the attempt as a task of its own: once the key is claimed, a client that hangs up changes nothing.
    async fn run(self, request: Request) -> Result<Called, Problem> {
        let (tell, told) = oneshot::channel();
        let attempt = async move {
            if let Err(Ok(Called::Now(unheard))) = tell.send(self.attempt(request).await) {
                observe::unheard(unheard);
            }
        };
        tokio::spawn(attempt.in_current_span());
        // A runtime that shuts down drops the task, and who waits here next.
        told.await.unwrap_or_else(|_| Err(unknown()))
    }

    async fn attempt(self, request: Request) -> Result<Called, Problem> {
        let Self { station, handlers, actor, key, place: _place } = self;
        let answer_once = &station.application.answer_once;
        let claim = match answer_once.claim(&actor, key).await? {
            Claimed::Yours(claim) => claim,
            Claimed::Before(state) => return Ok(Called::Before(state, request)),
        };
        let (request, rest) = Rest::of(request);
        let carry_out = async {
            let response = match AssertUnwindSafe(handlers.oneshot(request)).catch_unwind().await {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(panic) => Problem::panicked(panic.as_ref()).into_response(),
            };
            judged(response, rest, &station).await
        };
        let (response, outcome) = tokio::select! {
            ended = carry_out => ended,
            never = renew(answer_once, &claim) => match never {},
        };
        settle(answer_once, &claim, &outcome).await;
        Ok(Called::Now(response))
    }
}

/// Says again and again that the call goes on.
async fn renew(answer_once: &AnswerOnce, claim: &Claim) -> Infallible {
    loop {
        sleep(AnswerOnce::RENEWAL).await;
        if let Err(error) = answer_once.extend(claim).await {
            tracing::warn!(error = %Chain(&error), "the claim of a call that goes on was not extended");
        }
    }
}

/// What the answer says of what was done.
async fn judged(response: Response, rest: Rest, station: &Station) -> (Response, Outcome) {
    let outcome = match response.status() {
        status if status.is_success() => return done(response, rest, station).await,
        // Overloaded, or a writer that failed: all of these answer before anything is stored.
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => Outcome::NothingDone,
        status if status.is_client_error() => Outcome::NothingDone,
        _ => Outcome::Unknown,
    };
    (response, outcome)
}

async fn done(response: Response, rest: Rest, station: &Station) -> (Response, Outcome) {
    let (parts, body) = response.into_parts();
    let body = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(body) => body,
        Err(error) => return (Problem::broken_answer(error).into_response(), Outcome::Unknown),
    };
    let outcome = match rest.fingerprint(station.bodies).await {
        Ok(fingerprint) => Outcome::Done(KeptAnswer { fingerprint, content: answer::kept(&parts, &body) }),
        // It was carried out; but no later request can be shown to be the same.
        Err(_) => Outcome::Unknown,
    };
    (Response::from_parts(parts, Body::from(body)), outcome)
}

/// Keeps what came of the call, also where the database is away for a moment.
async fn settle(answer_once: &AnswerOnce, claim: &Claim, outcome: &Outcome) {
    let mut waits = [Duration::from_millis(100), Duration::from_secs(1)].into_iter();
    while let Err(error) = answer_once.settle(claim, outcome).await {
        match waits.next().filter(|_| error.kind.is_transient()) {
            Some(wait) => sleep(wait).await,
            None => {
                let error = Chain(&error);
                tracing::error!(%error, "the outcome of a call was not kept: it will count as unknown");
                return;
            }
        }
    }
}
