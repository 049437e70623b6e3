//! The HTTP API as a program uses it that knows nothing of Adstead but its address and a key.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One user of the API.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Client {
    pub(super) fn new(base: &str, key: &str) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build().context("no HTTP client can be made")?;
        Ok(Self { http, base: base.to_owned(), key: key.to_owned() })
    }

    /// The same connections, used by somebody else.
    pub(super) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.json(self.request(Method::GET, path)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.json(self.request(Method::POST, path).json(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        self.json(self.request(Method::PATCH, path).json(body)).await
    }

    /// A step that needs no words, such as `activate`.
    pub(super) async fn step(&self, path: &str) -> Result<Value> {
        self.json(self.request(Method::POST, path)).await
    }

    pub(super) async fn send(&self, path: &str, content_type: &str, body: impl Into<Bytes>) -> Result<Value> {
        let body: Bytes = body.into();
        self.json(self.request(Method::POST, path).header(CONTENT_TYPE, content_type).body(body)).await
    }

    pub(super) async fn download(&self, path: &str) -> Result<Bytes> {
        let response = answered(self.request(Method::GET, path)).await?;
        response.bytes().await.with_context(|| format!("GET {path} broke off"))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.key)
    }

    async fn json(&self, request: RequestBuilder) -> Result<Value> {
        answered(request).await?.json().await.context("the answer is not JSON")
    }
}

/// The answer, where it is not a problem.
async fn answered(request: RequestBuilder) -> Result<Response> {
    let response = request.send().await.context("the server did not answer")?;
    if response.status().is_success() {
        return Ok(response);
    }
    let (status, path) = (response.status(), response.url().path().to_owned());
    let problem: Value = response.json().await.unwrap_or_default();
    let detail =
        problem["detail"].as_str().or_else(|| problem["title"].as_str()).unwrap_or("no reason given");
    match &problem["errors"] {
        Value::Null => bail!("{path} answered {status}: {detail}"),
        errors => bail!("{path} answered {status}: {detail} {errors}"),
    }
}

/// What stands in an answer at a JSON pointer.
pub(super) fn field<T: DeserializeOwned>(answer: &Value, pointer: &str) -> Result<T> {
    let value = answer.pointer(pointer).cloned().unwrap_or_default();
    serde_json::from_value(value).with_context(|| format!("the answer has no usable {pointer}: {answer}"))
}
