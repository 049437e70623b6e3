use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{PortError, PortErrorKind};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Request, Response, StatusCode, Url};
use tokio::time::timeout;

use super::guard::{AddressGuard, AddressRefusal};
use crate::external::http::{self, kind_of};
use crate::external::retry_after::retry_after;
use crate::external::words::excerpt;

/// How much is read of an answer that is no success: it is for errors alone.
const LONGEST_ANSWER: usize = 4 << 10;

/// Sends requests, and follows no redirect: that might lead a secret, or a guarded request, elsewhere.
#[derive(Debug, Clone)]
pub(in crate::external) struct Outgoing {
    http: reqwest::Client,
    guard: Option<AddressGuard>,
}

/// What came back.
#[derive(Debug)]
pub(in crate::external) struct Answer {
    pub(in crate::external) status: StatusCode,
    pub(in crate::external) retry_after: Option<Duration>,
    /// The beginning of its text, on one line, where it is no success and something of it came.
    pub(in crate::external) text: String,
}

impl Outgoing {
    /// To addresses that the operator gave, by way of the proxies that the environment names.
    pub(in crate::external) fn trusted() -> Result<Self, reqwest::Error> {
        Ok(Self { http: http::client().build()?, guard: None })
    }

    /// To addresses that users gave. A proxy would look up names by itself, so there is none.
    pub(in crate::external) fn guarded(guard: AddressGuard) -> Result<Self, reqwest::Error> {
        let http = http::client().no_proxy().dns_resolver(Arc::new(guard.clone())).build()?;
        Ok(Self { http, guard: Some(guard) })
    }

    /// Sends a request and answers what came back, whatever its status.
    pub(in crate::external) async fn send(
        &self,
        operation: &'static str,
        request: Request,
    ) -> Result<Answer, PortError> {
        if let Some(guard) = &self.guard {
            let refused = |refusal| PortError::new(PortErrorKind::Rejected, operation).with_source(refusal);
            guard.check(request.url()).map_err(refused)?;
        }
        let failed = |error| of_connection(operation, error);
        let response = self.http.execute(request).await.map_err(failed)?;
        let (status, retry_after) = (response.status(), retry_after(response.headers()));
        let text = match status.is_success() {
            true => String::new(),
            false => excerpt(&String::from_utf8_lossy(&beginning(response).await)),
        };
        Ok(Answer { status, retry_after, text })
    }
}

impl Answer {
    /// Whether the request was taken.
    pub(in crate::external) fn taken(self, operation: &'static str) -> Result<(), PortError> {
        let Self { status, retry_after, text } = self;
        if status.is_success() {
            return Ok(());
        }
        let cause = if status.is_redirection() {
            format!("HTTP {status}: redirects are not followed; give the address that it leads to")
        } else {
            format!("HTTP {status}: {text:?}")
        };
        Err(PortError { retry_after, ..PortError::new(kind_of(status), operation) }.with_source(cause))
    }
}

/// A POST of JSON.
pub(in crate::external) fn json_request(url: Url, body: Vec<u8>) -> Request {
    let mut request = Request::new(reqwest::Method::POST, url);
    request.headers_mut().insert(CONTENT_TYPE, reqwest::header::HeaderValue::from_static("application/json"));
    *request.body_mut() = Some(body.into());
    request
}

/// What an exchange failed with, without the address: that may be a secret.
fn of_connection(operation: &'static str, error: reqwest::Error) -> PortError {
    let mut cause: Option<&dyn Error> = Some(&error);
    while let Some(known) = cause {
        cause = known.source();
        let Some(refusal) = known.downcast_ref::<AddressRefusal>().cloned() else { continue };
        return PortError::new(PortErrorKind::Rejected, operation).with_source(refusal);
    }
    let kind = if error.is_timeout() { PortErrorKind::Timeout } else { PortErrorKind::Unavailable };
    PortError::new(kind, operation).with_source(error.without_url())
}

/// How long the text of an answer is waited for, whose status is known.
const READING: Duration = Duration::from_secs(1);

/// What of the text comes soon.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut text = Vec::new();
    let reading = async {
        while text.len() < LONGEST_ANSWER
            && let Ok(Some(chunk)) = response.chunk().await
        {
            text.extend_from_slice(&chunk);
        }
    };
    // What does not come is not missed.
    let _ = timeout(READING, reading).await;
    text
}
