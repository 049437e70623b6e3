//! Versions as entity tags (RFC 9110, sections 8.8.3 and 13.1).

use std::convert::Infallible;

use adstead_domain::Version;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::IntoParams;

use crate::problem::Problem;

/// The version that the client saw, where it names one: `If-Match: "3"`.
pub(crate) struct IfMatch(pub(crate) Option<Version>);

/// How `If-Match` is documented.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the document is made from it; the header itself is read by `IfMatch`")]
pub(crate) struct IfMatchHeader {
    /// The `ETag` that you saw: the request is refused with 412 where the thing is at another version. Without the
    /// header, or with `*`, it is carried out whatever the version.
    #[param(rename = "If-Match", example = "\"3\"")]
    if_match: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let tag = header.to_str().unwrap_or_default().trim();
        if tag == "*" {
            return Ok(Self(None));
        }
        // A proxy that compresses marks tags as weak; the version in them is as exact as before.
        let number = tag.strip_prefix("W/").unwrap_or(tag);
        let number = number.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let version = number.and_then(|number| number.parse().ok()).map(Version::new);
        version.map(|version| Self(Some(version))).ok_or_else(|| {
            Problem::malformed(
                "If-Match names no version: send one ETag as you received it, such as \"3\", or *",
            )
        })
    }
}

/// The tags that the client has, where it asks only for something else: `If-None-Match: "3"`.
pub(crate) struct IfNoneMatch(Vec<String>);

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl IfNoneMatch {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        Self(values.flat_map(|tags| tags.split(',')).map(|tag| tag.trim().to_owned()).collect())
    }

    /// Whether the client has what has this tag. The comparison is weak, as RFC 9110 asks.
    pub(crate) fn has(&self, tag: &str) -> bool {
        self.0.iter().any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
    }
}

/// A thing and its version.
pub(crate) struct Versioned<T> {
    pub(crate) version: u32,
    pub(crate) body: T,
}

impl<T: Serialize> Versioned<T> {
    /// The thing, unless the client has it at this version.
    pub(crate) fn unless(self, known: &IfNoneMatch) -> Response {
        let tag = tag(self.version);
        if known.has(&tag) {
            (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response()
        } else {
            self.into_response()
        }
    }

    /// The thing, which was made just now and is to be found at `path`.
    pub(crate) fn created(self, path: String) -> Response {
        (StatusCode::CREATED, [(header::LOCATION, path)], self).into_response()
    }
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let tag = HeaderValue::try_from(tag(self.version)).expect("a quoted number is a header value");
        ([(header::ETAG, tag)], Json(self.body)).into_response()
    }
}

fn tag(version: u32) -> String {
    format!("\"{version}\"")
}
