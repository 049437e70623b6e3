//! What went wrong, as RFC 9457 tells it.

mod body;
mod errors;
mod kind;

use std::any::Any;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::Violation;
use adstead_domain::port::PortError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub(crate) use body::{FaultBody, ProblemBody};
pub(crate) use kind::ProblemKind;

/// What went wrong with a request.
///
/// As a response it has its status, its headers and no body yet: `observe`, which knows the request's id, writes that.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// What kind of problem it is.
    pub(crate) kind: ProblemKind,
    /// What happened, why, and what to do.
    pub(crate) detail: String,
    /// Every fault of the input, where it is one.
    pub(crate) faults: Vec<Violation>,
    /// When another attempt makes sense.
    pub(crate) retry_after: Option<Duration>,
    /// What is logged and never sent.
    pub(crate) cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// How long to wait where nobody knows better.
    const RETRY_AFTER: Duration = Duration::from_secs(1);
    /// All that a client learns of what went wrong inside.
    const LOGGED: &str =
        "something failed on the server, and it was logged: ask the operator, with the id in instance";

    /// A problem of that kind.
    pub(crate) fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        let retry_after = kind.is_passing().then_some(Self::RETRY_AFTER);
        Self { kind, detail: detail.into(), faults: Vec::new(), retry_after, cause: None }
    }

    /// A request that cannot be read.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::MalformedRequest, detail)
    }

    /// A body beyond `most` bytes.
    pub(crate) fn too_large(most: impl Into<u64>) -> Self {
        let most: u64 = most.into();
        Self::new(ProblemKind::TooLarge, format!("the body is larger than {most} bytes: send less at a time"))
    }

    /// What a framework said with a bare status.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => {
                Self::new(ProblemKind::NotFound, "there is nothing at this path: see /openapi.json")
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(ProblemKind::MethodNotAllowed, "this path does not take that method: see Allow")
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(ProblemKind::TooLarge, "the body is too large: send less at a time")
            }
            StatusCode::GATEWAY_TIMEOUT => Self::new(
                ProblemKind::Timeout,
                "no answer in time, and the request may have taken effect: read before you repeat it",
            ),
            status if status.is_client_error() => {
                Self::malformed(format!("the request was refused: {status}"))
            }
            status => Self::new(ProblemKind::Internal, format!("the request failed: {status}")),
        }
    }

    /// A handler that panicked.
    pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let message =
            panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
        let cause = Panicked(message.unwrap_or("without a message").to_owned());
        Self::new(ProblemKind::Internal, Self::LOGGED).with_cause(cause)
    }

    /// An answer that could not be put together.
    pub(crate) fn broken_answer(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(ProblemKind::Internal, Self::LOGGED).with_cause(cause)
    }

    /// More requests than the server takes on.
    pub(crate) fn overloaded() -> Self {
        Self::new(ProblemKind::Overloaded, "the server is busy with other requests: try again in a moment")
    }

    /// A server that cannot serve requests, whatever the reason.
    pub(crate) fn not_ready(error: PortError) -> Self {
        Self::new(ProblemKind::Unavailable, "the database is out of reach or its schema is not this build's")
            .with_cause(error)
    }

    /// The same problem with the cause that is to be logged.
    fn with_cause(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// The same problem, where another attempt makes sense a little later.
    pub(crate) fn passing(mut self) -> Self {
        self.retry_after = Some(Self::RETRY_AFTER);
        self
    }

    /// The same problem for somebody who named the version that they saw.
    pub(crate) fn for_precondition(self) -> Self {
        match self.kind {
            ProblemKind::Changed => Self { kind: ProblemKind::Stale, ..self },
            _ => self,
        }
    }
}

/// What a handler that panicked said.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        let headers = response.headers_mut();
        if self.kind == ProblemKind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            // A fraction of a second would round to "at once".
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests;
