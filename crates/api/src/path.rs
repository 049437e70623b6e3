//! The id in a path.

use std::str::FromStr;

use adstead_domain::Violation;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::problem::{Problem, ProblemKind};

/// The id of the thing that the path names. What is no id names nothing.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr<Err = Violation>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let none = |detail: String| Problem::new(ProblemKind::NotFound, detail);
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| none(rejection.body_text()))?;
        id.parse().map(Self).map_err(|fault: Violation| none(fault.message().to_owned()))
    }
}
