//! How many requests an account may make in a time.
//!
//! Answers tell what is left in the fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).

use std::sync::Arc;

use adstead_domain::RateLimit;
use adstead_domain::port::Allowance;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::ApiState;
use crate::caller::Caller;
use crate::problem::{Problem, ProblemKind};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// A rate that requests are held to, account by account.
pub(crate) struct Held {
    pub(crate) api: ApiState,
    /// What is held to it, in the plural.
    pub(crate) what: &'static str,
    /// No limit at all where there is none.
    pub(crate) limit: Option<RateLimit>,
}

/// Lets a request through where its account has one left. Who shows no valid key is told so further on.
pub(crate) async fn station(State(held): State<Arc<Held>>, mut request: Request, next: Next) -> Response {
    let Held { api, what, limit } = &*held;
    let &Some(limit) = limit else { return next.run(request).await };
    let caller = match request.extensions().get::<Caller>() {
        Some(caller) => *caller,
        None => match Caller::of(request.headers(), &api.application).await {
            Ok(caller) => caller,
            Err(problem) if problem.kind == ProblemKind::Unauthenticated => return next.run(request).await,
            Err(problem) => return problem.into_response(),
        },
    };
    request.extensions_mut().insert(caller);
    let Caller(actor) = caller;
    let allowance = match api.rates.take(&format!("{what}:{}", actor.account_id), limit).await {
        Ok(allowance) => allowance,
        Err(error) => return Problem::from(adstead_application::Error::Port(error)).into_response(),
    };
    let mut response = match allowance.retry_after {
        None => next.run(request).await,
        Some(wait) => {
            let RateLimit { calls, per } = limit;
            let detail = format!(
                "the account has made all of the {calls} {what} that it may make in {} s: send the next after Retry-After",
                per.as_secs()
            );
            let problem = Problem::new(ProblemKind::RateLimited, detail);
            Problem { retry_after: Some(wait), ..problem }.into_response()
        }
    };
    tell(what, limit, allowance, response.headers_mut());
    response
}

fn tell(what: &str, limit: RateLimit, allowance: Allowance, headers: &mut HeaderMap) {
    let Allowance { retry_after: _, remaining, full_in } = allowance;
    let (calls, window) = (limit.calls, limit.per.as_secs().max(1));
    let full_in = full_in.as_secs() + u64::from(full_in.subsec_nanos() > 0);
    let field = |text: String| HeaderValue::try_from(text).expect("words and digits are a header value");
    headers.append(POLICY, field(format!("\"{what}\";q={calls};w={window}")));
    headers.append(LEFT, field(format!("\"{what}\";r={remaining};t={full_in}")));
}
