//! Who asks: `Authorization: Bearer <key>` (RFC 6750).

use adstead_application::Application;
use adstead_domain::Actor;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::ApiState;
use crate::problem::{Problem, ProblemKind};
use crate::strays;

/// The actor whose key came with the request. As an argument it stands before the body, so that a stranger's body is
/// never read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller(pub(crate) Actor);

impl Caller {
    /// Who shows the key in these headers.
    pub(crate) async fn of(headers: &HeaderMap, application: &Application) -> Result<Self, Problem> {
        let key = bearer(headers).ok_or_else(|| {
            Problem::new(
                ProblemKind::Unauthenticated,
                "the request names no API key: send one as `Authorization: Bearer <key>`",
            )
        })?;
        Ok(Self(application.authenticate.execute(key).await?))
    }
}

impl FromRequestParts<ApiState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        // A station before the handler may have had to know.
        let caller = match parts.extensions.get::<Self>() {
            Some(caller) => *caller,
            None => Self::of(&parts.headers, &state.application).await?,
        };
        strays::refused(parts)?;
        Ok(caller)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
