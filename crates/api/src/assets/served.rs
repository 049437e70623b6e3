//! Files as they are served: whole or in part, and so that they can be shown but never run.

use std::ops::Range;

use adstead_application::Error;
use adstead_domain::port::{ByteStream, Chain};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tracing::Span;

use crate::problem::{Problem, ProblemKind};
use crate::range::{Wanted, wanted};
use crate::versions::IfNoneMatch;

/// What is said of a file that is served.
pub(super) struct Served {
    /// The tag of its content, in quotes.
    pub(super) tag: String,
    /// Its size in bytes.
    pub(super) size: u64,
    pub(super) content_type: String,
    pub(super) disposition: String,
}

impl Served {
    /// What answers a request with these headers, `read` giving the bytes.
    pub(super) async fn answer(
        self,
        headers: &HeaderMap,
        known: &IfNoneMatch,
        read: impl AsyncFnOnce(Option<Range<u64>>) -> Result<ByteStream, Error>,
    ) -> Result<Response, Problem> {
        if known.has(&self.tag) {
            return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, self.tag)]).into_response());
        }
        let size = self.size;
        let (status, range) = match wanted(range_of(headers, &self.tag), size) {
            Wanted::Everything => (StatusCode::OK, None),
            Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, Some(part)),
            Wanted::Nothing => return Ok(no_such_range(size)),
        };
        let span = Span::current();
        let content = read(range.clone()).await?.inspect_err(move |error| {
            let _in_request = span.enter();
            tracing::error!(error = %Chain(error), "a file broke off while it was sent");
        });
        let sent = range.as_ref().map_or(size, |part| part.end - part.start);
        let mut response = (status, self.headers(), Body::from_stream(content)).into_response();
        response.headers_mut().insert(header::CONTENT_LENGTH, sent.into());
        if let Some(part) = range {
            let bytes = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            let bytes = HeaderValue::try_from(bytes).expect("digits are a header value");
            response.headers_mut().insert(header::CONTENT_RANGE, bytes);
        }
        Ok(response)
    }

    fn headers(self) -> [(HeaderName, String); 7] {
        let Self { tag, size: _, content_type, disposition } = self;
        [
            (header::CONTENT_TYPE, content_type),
            (header::ETAG, tag),
            (header::ACCEPT_RANGES, "bytes".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
            (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        ]
    }
}

/// The range that is asked for, unless it is of another content than this.
fn range_of<'a>(headers: &'a HeaderMap, tag: &str) -> Option<&'a str> {
    let of_another = headers.get(header::IF_RANGE).is_some_and(|known| known.as_bytes() != tag.as_bytes());
    let range = headers.get(header::RANGE).filter(|_| !of_another)?;
    range.to_str().ok()
}

fn no_such_range(size: u64) -> Response {
    let problem = Problem::new(
        ProblemKind::RangeNotSatisfiable,
        format!("the file has {size} bytes: ask for some of them"),
    );
    ([(header::CONTENT_RANGE, format!("bytes */{size}"))], problem).into_response()
}

/// The file's name (RFC 6266), in full as UTF-8 (RFC 8187) and, for old clients, as what ASCII can say of it.
pub(super) fn disposition(name: &str) -> String {
    // RFC 8187, section 3.2.1: attr-char.
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'!')
        .remove(b'#')
        .remove(b'$')
        .remove(b'&')
        .remove(b'+')
        .remove(b'-')
        .remove(b'.')
        .remove(b'^')
        .remove(b'_')
        .remove(b'`')
        .remove(b'|')
        .remove(b'~');
    let plain = |c: char| if c.is_ascii() && !matches!(c, '"' | '\\' | '%') { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    format!("inline; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_travels_in_full_and_as_ascii() {
        assert_eq!(disposition("hero.png"), "inline; filename=\"hero.png\"; filename*=UTF-8''hero.png");
        assert_eq!(
            disposition("Größe \"L\".png"),
            "inline; filename=\"Gr__e _L_.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22L%22.png"
        );
    }
}
