//! The HTTP API as a program uses it that knows nothing of Adstead but its address and a key.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One user of the API.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Client {
    pub(crate) fn new(base: &str, key: &str) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build().context("no HTTP client can be made")?;
        Ok(Self { http, base: base.to_owned(), key: key.to_owned() })
    }

    /// The same connections, used by somebody else.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.json(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.json(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        self.json(self.request(Method::PATCH, path).json(body)).await
    }

    /// A step that needs no words, such as `activate`.
    pub(crate) async fn step(&self, path: &str) -> Result<Value> {
        self.json(self.request(Method::POST, path)).await
    }

    pub(crate) async fn send(&self, path: &str, content_type: &str, body: impl Into<Bytes>) -> Result<Value> {
        let body: Bytes = body.into();
        self.json(self.request(Method::POST, path).header(CONTENT_TYPE, content_type).body(body)).await
    }

    pub(crate) async fn download(&self, path: &str) -> Result<Bytes> {
        let response = answered(self.request(Method::GET, path)).await?;
        response.bytes().await.with_context(|| format!("GET {path} broke off"))
    }

    /// Downloads without a key, from an address or a path of the API.
    pub(crate) async fn fetch(&self, url: &str) -> Result<Bytes> {
        let response = answered(self.http.get(self.absolute(url))).await?;
        response.bytes().await.context("the download broke off")
    }

    /// Sends a file of that many bytes as the body of a request without a key, wherever that leads.
    pub(crate) async fn store(
        &self,
        method: &str,
        url: &str,
        headers: &BTreeMap<String, String>,
        size: u64,
        file: Body,
    ) -> Result<()> {
        let method = Method::from_bytes(method.as_bytes()).context("the server names no method of HTTP")?;
        let mut request = self.http.request(method, self.absolute(url)).header(CONTENT_LENGTH, size);
        for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length")) {
            request = request.header(name, value);
        }
        answered(request.body(file)).await.map(drop)
    }

    /// Sends a file of that many bytes.
    pub(crate) async fn upload(
        &self,
        path: &str,
        content_type: &str,
        size: u64,
        file: Body,
    ) -> Result<Value> {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, content_type);
        self.json(request.header(CONTENT_LENGTH, size).body(file)).await
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') { format!("{}{url}", self.base) } else { url.to_owned() }
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
pub(crate) fn field<T: DeserializeOwned>(answer: &Value, pointer: &str) -> Result<T> {
    let value = answer.pointer(pointer).cloned().unwrap_or_default();
    serde_json::from_value(value).with_context(|| format!("the answer has no usable {pointer}: {answer}"))
}
