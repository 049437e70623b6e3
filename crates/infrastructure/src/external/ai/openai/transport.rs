//! The way to the server and back.
//!
//! async-openai writes the request. Its own transport would retry by rules of its own, forget `Retry-After`, read answers
//! of any length and log those that it cannot read; so it is given this one.

use std::time::Duration;

use adstead_domain::port::PortErrorKind;
use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, InvalidHeaderValue};
use reqwest::{Request, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::external::http::kind_of;
use crate::external::retry_after::retry_after;
use crate::external::words::excerpt;

/// The longest answer that is read, in bytes: 20 variants of 50 lines are well below it.
const LONGEST_ANSWER: usize = 4 << 20;

/// The models of a server: all servers of this kind list them, and none asks for money for it.
#[derive(Clone)]
pub(super) struct Models {
    http: reqwest::Client,
    url: String,
    headers: HeaderMap,
    key: Option<SecretString>,
}

impl Models {
    pub(super) fn new(http: reqwest::Client, endpoint: &Endpoint, key: Option<SecretString>) -> Self {
        Self { http, url: endpoint.url("/models"), headers: endpoint.headers(), key }
    }

    /// The names of the models; none where the server answers and does not tell.
    pub(super) async fn list(&self) -> Result<Vec<String>, Failure> {
        let request = self.http.get(&self.url).headers(self.headers.clone()).build()?;
        match exchange(&self.http, request, self.key.as_ref()).await {
            Ok(body) => Ok(model_names(&body)),
            Err(Failure::NotJson(_)) => Ok(Vec::new()),
            Err(failure) => match failure.status() {
                Some(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => Ok(Vec::new()),
                _ => Err(failure),
            },
        }
    }
}

fn model_names(body: &[u8]) -> Vec<String> {
    let list: Value = serde_json::from_slice(body).unwrap_or_default();
    let models = list["data"].as_array().into_iter().flatten();
    models.filter_map(|model| model["id"].as_str()).map(str::to_owned).collect()
}

/// A client that sends each request once.
pub(super) fn client(
    http: reqwest::Client,
    endpoint: Endpoint,
    key: Option<SecretString>,
) -> Client<Endpoint> {
    let sender = http.clone();
    let service = tower::service_fn(move |request: HttpRequestFactory| {
        let (http, key) = (sender.clone(), key.clone());
        async move {
            let body = exchange(&http, request.build().await?, key.as_ref()).await;
            let answer = body.map(|body| http::Response::new(body).into());
            answer.map_err(|failure| OpenAIError::Boxed(failure.into()))
        }
    });
    Client::build(http, endpoint).with_http_service(service)
}

/// Where the server is and how it knows the caller. Unlike async-openai's own, it looks at no environment variable and
/// sends no key where there is none.
pub(super) struct Endpoint {
    base_url: String,
    headers: HeaderMap,
    key: SecretString,
}

impl Endpoint {
    pub(super) fn new(base_url: &str, key: Option<&SecretString>) -> Result<Self, InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Self { base_url, headers, key: key.cloned().unwrap_or_default() })
    }
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base_url
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

/// An exchange that brought no chat completion.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The request could not be made, or the connection failed.
    #[error("the server cannot be reached, or broke off")]
    Connection(#[source] reqwest::Error),
    /// The server answered with an error.
    #[error("HTTP {status}: {message:?}")]
    Status { status: StatusCode, code: Option<String>, message: String, retry_after: Option<Duration> },
    /// The answer is longer than is read, in bytes.
    #[error("the answer is longer than {most} bytes")]
    TooLong { most: usize },
    /// The server began an answer that is a success, and ended it with an error.
    #[error("the server broke its answer off with an error: {0:?}")]
    GaveUp(String),
    /// No piece of the answer came for that long.
    #[error("the server sent nothing for {0:?}")]
    Stalled(Duration),
    /// The client made nothing of the request or the answer.
    #[error("the request or its answer could not be made sense of")]
    Client(#[source] OpenAIError),
    /// The answer is something else, such as the page of a proxy.
    #[error("the server answered no JSON, but {0:?}")]
    NotJson(String),
}

impl Failure {
    pub(super) fn kind(&self) -> PortErrorKind {
        match self {
            Self::Connection(error) if error.is_timeout() => PortErrorKind::Timeout,
            Self::Connection(error) if error.is_builder() => PortErrorKind::Rejected,
            Self::Connection(_) => PortErrorKind::Unavailable,
            Self::TooLong { .. } | Self::NotJson(_) => PortErrorKind::Corrupt,
            Self::Client(_) => PortErrorKind::Unexpected,
            Self::GaveUp(_) => PortErrorKind::Unavailable,
            Self::Stalled(_) => PortErrorKind::Timeout,
            Self::Status { .. } if self.is_out_of_credit() => PortErrorKind::Denied,
            Self::Status { status, .. } => kind_of(*status),
        }
    }

    /// Whether nobody worked on the request, so that nobody is paid for it: it was never sent, or turned away.
    pub(super) fn is_free(&self) -> bool {
        match self {
            Self::Connection(error) => error.is_connect() || error.is_builder(),
            Self::Status { .. } => self.kind() != PortErrorKind::Timeout,
            Self::Client(_)
            | Self::TooLong { .. }
            | Self::GaveUp(_)
            | Self::Stalled(_)
            | Self::NotJson(_) => false,
        }
    }

    pub(super) fn status(&self) -> Option<StatusCode> {
        let Self::Status { status, .. } = self else { return None };
        Some(*status)
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        let Self::Status { retry_after, .. } = self else { return None };
        *retry_after
    }

    /// Whether the server does not take the request and names `part` of it.
    pub(super) fn refuses(&self, part: &str) -> bool {
        let Self::Status { status, message, .. } = self else { return false };
        matches!(*status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY)
            && message.contains(part)
    }

    /// Whether the server says, in one of the ways that servers have, that it does not have this model.
    pub(super) fn lacks(&self, model: &str) -> bool {
        const WORDS: [&str; 5] =
            ["not found", "not exist", "invalid model", "unknown model", "no such model"];
        let Self::Status { message, .. } = self else { return false };
        let message = message.to_lowercase();
        self.is_of_model() || (self.refuses(model) && WORDS.iter().any(|words| message.contains(words)))
    }

    /// Whether the server says by OpenAI's code for it that it does not have the model.
    pub(super) fn is_of_model(&self) -> bool {
        matches!(self, Self::Status { code, .. } if code.as_deref() == Some("model_not_found"))
    }

    /// Whether waiting is of no use, although the server says "too many requests".
    pub(super) fn is_out_of_credit(&self) -> bool {
        let Self::Status { status, code, .. } = self else { return false };
        *status == StatusCode::PAYMENT_REQUIRED || code.as_deref() == Some("insufficient_quota")
    }
}

impl From<OpenAIError> for Failure {
    fn from(error: OpenAIError) -> Self {
        match error {
            OpenAIError::Boxed(error) => match error.downcast::<Self>() {
                Ok(failure) => *failure,
                Err(other) => Self::Client(OpenAIError::Boxed(other)),
            },
            OpenAIError::Reqwest(error) => error.into(),
            other => Self::Client(other),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // A base URL may hold a password.
        Self::Connection(error.without_url())
    }
}

async fn exchange(
    http: &reqwest::Client,
    request: Request,
    key: Option<&SecretString>,
) -> Result<Vec<u8>, Failure> {
    body_of(http.execute(request).await?, key).await
}

/// The answer, where it is a success.
pub(super) async fn succeeded(response: Response, key: Option<&SecretString>) -> Result<Response, Failure> {
    let (status, retry_after) = (response.status(), retry_after(response.headers()));
    if status.is_success() {
        return Ok(response);
    }
    let (code, message) = error_in(&read(response).await?);
    let message = excerpt(&without_key(&message, key));
    Err(Failure::Status { status, code, message, retry_after })
}

/// The JSON of an answer that is a success.
pub(super) async fn body_of(response: Response, key: Option<&SecretString>) -> Result<Vec<u8>, Failure> {
    let body = read(succeeded(response, key).await?).await?;
    if serde_json::from_slice::<IgnoredAny>(&body).is_err() {
        return Err(Failure::NotJson(excerpt(&without_key(&String::from_utf8_lossy(&body), key))));
    }
    Ok(body)
}

async fn read(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(Failure::TooLong { most: LONGEST_ANSWER });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The code and the message of an error, as OpenAI and its imitators write it; else the body itself.
fn error_in(body: &[u8]) -> (Option<String>, String) {
    let text = || String::from_utf8_lossy(body).into_owned();
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return (None, text());
    };
    let first = |pointers: [&str; 3]| {
        pointers.iter().find_map(|pointer| json.pointer(pointer)?.as_str()).map(ToOwned::to_owned)
    };
    let code = first(["/error/code", "/error/type", "/code"]);
    (code, first(["/error/message", "/error", "/message"]).unwrap_or_else(text))
}

/// The text without the key, which some servers repeat.
pub(super) fn without_key(text: &str, key: Option<&SecretString>) -> String {
    match key.map(ExposeSecret::expose_secret) {
        Some(key) if !key.is_empty() => text.replace(key, "[key]"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_as_any_server_writes_it() {
        let read = |body: &str| {
            let (code, message) = error_in(body.as_bytes());
            (code.unwrap_or_default(), message)
        };
        let pair = |code: &str, message: &str| (code.to_owned(), message.to_owned());
        let openai =
            r#"{"error":{"message":"No money","type":"insufficient_quota","code":"insufficient_quota"}}"#;
        assert_eq!(read(openai), pair("insufficient_quota", "No money"));
        assert_eq!(read(r#"{"error":"model not found"}"#), pair("", "model not found"));
        assert_eq!(read(r#"{"object":"error","message":"Bad","code":40}"#), pair("", "Bad"));
        assert_eq!(read("<h1>Bad gateway</h1>"), pair("", "<h1>Bad gateway</h1>"));
    }

    #[test]
    fn a_key_in_the_servers_words_is_blotted_out() {
        let key = SecretString::from("sk-secret");
        assert_eq!(without_key("bad key sk-secret!", Some(&key)), "bad key [key]!");
        assert_eq!(without_key("fine", None), "fine");
    }
}
