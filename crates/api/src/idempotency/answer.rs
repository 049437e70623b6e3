use std::str;

use adstead_domain::port::{PortError, PortErrorKind};
use axum::body::{Body, Bytes};
use axum::http::response::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};

/// The header of an answer that was given before.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The headers that are part of an answer; all others are about the one request.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// What stands before the body, as one line of JSON.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

/// An answer as it is kept: its head, a line feed, its body.
pub(super) fn kept(parts: &Parts, body: &[u8]) -> Bytes {
    let header = |name: &HeaderName| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    let head = Head { status: parts.status.as_u16(), headers: KEPT.iter().filter_map(header).collect() };
    let mut kept = serde_json::to_vec(&head).expect("numbers and texts are JSON");
    kept.push(b'\n');
    kept.extend_from_slice(body);
    kept.into()
}

/// The answer that was kept, marked as one that was given before.
///
/// # Errors
/// Something that this build did not keep.
pub(super) fn replayed(kept: &Bytes) -> Result<Response, PortError> {
    read(kept).ok_or_else(|| PortError::new(PortErrorKind::Corrupt, "idempotency.replay"))
}

fn read(kept: &Bytes) -> Option<Response> {
    let end = kept.iter().position(|byte| *byte == b'\n')?;
    let Head { status, headers } = serde_json::from_slice(&kept[..end]).ok()?;
    let mut response = Response::new(Body::from(kept.slice(end + 1..)));
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    for (name, value) in headers {
        let name = HeaderName::try_from(name).ok()?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).ok()?);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Some(response)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[tokio::test]
    async fn an_answer_comes_back_with_what_belongs_to_it() {
        let headers =
            [("etag", "\"1\""), ("location", "/v1/ads/7"), ("x-request-id", "7"), ("date", "today")];
        let body = Bytes::from_static(b"{\"a\":\n1}\n\xff");
        let response = (StatusCode::CREATED, headers, body.clone()).into_response();
        let (parts, _) = response.into_parts();
        let again = replayed(&kept(&parts, &body)).expect("an answer");
        assert_eq!(again.status(), StatusCode::CREATED);
        let text = |value: &HeaderValue| value.to_str().expect("text").to_owned();
        let headers: Vec<_> =
            again.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        let expected = [
            ("content-type", "application/octet-stream"),
            ("etag", "\"1\""),
            ("location", "/v1/ads/7"),
            ("idempotent-replayed", "true"),
        ];
        assert_eq!(headers, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(axum::body::to_bytes(again.into_body(), 100).await.expect("a body"), body);
    }

    #[test]
    fn what_is_no_answer_is_told_as_corrupt() {
        for kept in ["", "\n", "{}\n", "{\"status\":1,\"headers\":[]}\n", "{\"status\":200,\"headers\":[]}"] {
            assert_eq!(replayed(&kept.into()).expect_err(kept).kind, PortErrorKind::Corrupt);
        }
    }
}
