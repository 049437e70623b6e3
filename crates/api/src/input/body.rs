use std::error::Error;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::LengthLimitError;
use serde_json::{Map, Value};

use super::FromJson;
use crate::ApiState;
use crate::problem::{Problem, ProblemKind};

/// What the JSON body stands for.
pub(crate) struct Input<T: FromJson>(pub(crate) T::Value);

impl<T: FromJson> FromRequest<ApiState> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, Problem> {
        match json_body(request, state.limits.max_body).await? {
            Some(json) => Ok(Self(T::from_json(json)?)),
            None => Err(Problem::malformed("the body is missing: send a JSON object")),
        }
    }
}

/// What the JSON body stands for, where none stands for an empty object.
pub(crate) struct InputOrNothing<T: FromJson>(pub(crate) T::Value);

impl<T: FromJson> FromRequest<ApiState> for InputOrNothing<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, Problem> {
        let json = json_body(request, state.limits.max_body).await?;
        Ok(Self(T::from_json(json.unwrap_or_else(|| Value::Object(Map::new())))?))
    }
}

async fn json_body(request: Request, most: usize) -> Result<Option<Value>, Problem> {
    let (parts, body) = request.into_parts();
    if media_type(&parts.headers).is_some() {
        require_json(&parts.headers)?;
    }
    let body = collected(body, most).await?;
    if body.is_empty() {
        return Ok(None);
    }
    require_json(&parts.headers)?;
    serde_json::from_slice(&body).map(Some).map_err(|fault| malformed_json(&fault))
}

/// Lets a request pass whose body says that it is JSON.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let named = media_type(headers);
    if named.as_deref().is_some_and(|name| name == "application/json" || name.ends_with("+json")) {
        return Ok(());
    }
    let is = named.map_or_else(|| "of no named type".to_owned(), |name| format!("declared as {name}"));
    let detail = format!("the body is {is}: send JSON with `Content-Type: application/json`");
    Err(Problem::new(ProblemKind::UnsupportedMediaType, detail))
}

/// The type of the body in lower case, without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let named = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or_default();
    Some(named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The whole body, which may have `most` bytes.
pub(crate) async fn collected(body: Body, most: usize) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, most).await.map_err(|fault| {
        if fault.source().is_some_and(<dyn Error>::is::<LengthLimitError>) {
            Problem::too_large(most as u64)
        } else {
            Problem::malformed("the body broke off: send the request again")
        }
    })
}

/// A body that is no JSON: where, by line and column, and why.
pub(crate) fn malformed_json(fault: &serde_json::Error) -> Problem {
    Problem::malformed(format!("the body is not JSON: {fault}"))
}
