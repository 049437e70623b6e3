//! Each request has an id, a span and one line in the log, and each problem is written here.

use std::sync::Arc;
use std::time::Instant;

use adstead_domain::port::{Chain, IdGenerator};
use axum::Json;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::problem::{Problem, ProblemBody};

/// The header with the request's id.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, for who has to tell it before the answer is complete.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(String);

/// Names the request, runs it inside its span, and completes its answer.
pub(crate) async fn observe(
    State(ids): State<Arc<dyn IdGenerator>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = request_id(request.headers(), ids.as_ref());
    request.extensions_mut().insert(RequestId(id.clone()));
    // The path as it was routed, never as it was sent: a label of few values, and nobody's data.
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    // At the level of errors, so that no filter takes the request's id away from them.
    let span = tracing::error_span!("request", request_id = %id, method = %request.method(), route);
    answer(request, next, id).instrument(span).await
}

async fn answer(request: Request, next: Next, id: String) -> Response {
    let started = Instant::now();
    let conditional = request.headers().contains_key(header::IF_MATCH);
    let mut response = next.run(request).await;
    if let Some(problem) = problem_of(&mut response) {
        let problem = if conditional { problem.for_precondition() } else { problem };
        log(&problem);
        *response.status_mut() = problem.kind.status();
        write(&problem, &id, &mut response);
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, HeaderValue::try_from(id).expect("an id is letters, digits and a few marks"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let latency_ms = started.elapsed().as_secs_f64() * 1_000.0;
    tracing::info!(status = response.status().as_u16(), latency_ms, "the request was answered");
    response
}

/// Tells the operator of an answer that its client did not wait for.
pub(crate) fn unheard(mut response: Response) {
    if let Some(problem) = problem_of(&mut response) {
        log(&problem);
    }
    tracing::info!(
        status = response.status().as_u16(),
        "the request was carried out though its client hung up"
    );
}

/// The document of a problem that comes after an answer has begun, which the operator is told of here.
pub(crate) fn told(problem: &Problem, RequestId(id): &RequestId) -> ProblemBody {
    log(problem);
    ProblemBody::new(problem, id)
}

/// The id that the client chose, where it is fit for logs and headers, or else a new one.
fn request_id(headers: &HeaderMap, ids: &dyn IdGenerator) -> String {
    const LONGEST: usize = 128;
    let sane = |id: &&str| {
        (1..=LONGEST).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(sane);
    given.map_or_else(|| ids.next().to_string(), str::to_owned)
}

/// The problem that a handler answered, or that a framework said with a bare status.
pub(crate) fn problem_of(response: &mut Response) -> Option<Problem> {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    response.extensions_mut().remove().or_else(|| failed.then(|| Problem::of_status(status)))
}

/// Tells the operator of what the operator can mend; everything else is between the client and its input.
fn log(problem: &Problem) {
    let kind = problem.kind.uri();
    let cause = problem.cause.as_ref().map(|cause| Chain(cause.as_ref()).to_string());
    match problem.kind.status() {
        StatusCode::SERVICE_UNAVAILABLE if cause.is_none() => tracing::warn!(kind, "{}", problem.detail),
        status if status.is_server_error() => tracing::error!(kind, cause, "the request failed"),
        _ => {}
    }
}

fn write(problem: &Problem, id: &str, response: &mut Response) {
    const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
    let rendered = Json(ProblemBody::new(problem, id)).into_response();
    *response.body_mut() = Body::new(rendered.into_body());
    response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
    response.headers_mut().remove(header::CONTENT_LENGTH);
}
