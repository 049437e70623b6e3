use adstead_domain::Violation;
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;

/// A problem (RFC 9457). Programs act on `type`, people read `detail`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Names the kind of problem, for ever.
    #[serde(rename = "type")]
    #[schema(example = "urn:adstead:problem:invalid")]
    uri: &'static str,
    /// The kind of problem in words.
    #[schema(example = "The request breaks rules")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What happened this time, why, and what to do.
    #[schema(example = "2 faults were found: see errors")]
    detail: String,
    /// The id of the request, also in `x-request-id` and in the server's log.
    #[schema(example = "019cadb8-2280-7000-8000-000000000001")]
    instance: String,
    /// Every fault of the input; only where the type is `urn:adstead:problem:invalid`, or where the fault is one
    /// parameter's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FaultBody>,
}

/// One fault of the input.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fault)]
pub(crate) struct FaultBody {
    /// Where, as a JSON pointer (RFC 6901) into the body; for a query, `/` and the parameter; empty for the whole.
    #[schema(example = "/budget/daily_limit_micros")]
    pointer: String,
    /// What is wrong, why, and what to do.
    message: String,
}

impl ProblemBody {
    /// The problem of the request with that id.
    pub(crate) fn new(problem: &Problem, instance: &str) -> Self {
        let Problem { kind, detail, faults, retry_after: _, cause: _ } = problem;
        Self {
            uri: kind.uri(),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: detail.clone(),
            instance: instance.to_owned(),
            errors: faults.iter().map(FaultBody::from).collect(),
        }
    }
}

impl From<&Violation> for FaultBody {
    fn from(violation: &Violation) -> Self {
        Self { pointer: violation.pointer().to_owned(), message: violation.message().to_owned() }
    }
}
