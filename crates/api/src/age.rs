//! How old figures are, and how old they may become (RFC 9111, sections 5.1 and 5.2.2).

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;

use crate::ApiState;

/// Figures that may have been kept for a while.
pub(crate) struct Aged<T> {
    age: Duration,
    /// How old the server lets them become; zero where it keeps none.
    max_age: Duration,
    body: T,
}

impl ApiState {
    /// Figures with the time since they were read.
    pub(crate) fn aged<T>(&self, read_at: Timestamp, body: T) -> Aged<T> {
        // After a clock went back, they are new: no age is below zero.
        let age = Duration::try_from(self.clock.now().duration_since(read_at)).unwrap_or_default();
        Aged { age, max_age: self.limits.max_report_age, body }
    }
}

impl<T: Serialize> IntoResponse for Aged<T> {
    /// Whoever keeps the answer may use it for what is left of `max-age` after its `Age`: so the bound of the server's
    /// cache is that of both caches together, not of each. Where the server keeps nothing, neither does anybody else: that
    /// is what `Cache-Control` says wherever nobody says otherwise.
    fn into_response(self) -> Response {
        let Self { age, max_age, body } = self;
        let mut response = Json(body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::AGE, age.as_secs().into());
        let seconds = max_age.as_secs();
        if seconds > 0 {
            let fresh = HeaderValue::try_from(format!("private, max-age={seconds}"));
            headers.insert(header::CACHE_CONTROL, fresh.expect("digits are a header value"));
            // Another key, though sent by the same program, may be of another account.
            headers.insert(header::VARY, HeaderValue::from_static("authorization"));
        }
        response
    }
}
