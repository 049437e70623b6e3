//! A server that speaks OpenAI's chat API over real HTTP and plays a script.

mod stream;

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::stream as pieces;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use self::stream::End;

/// One act of the script. To a request that wants an answer in pieces it is played in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Answers what the schema of the request asks for, in short lines that all differ.
    Comply,
    /// As [`Comply`](Self::Comply), inside a Markdown fence with prose around it.
    Fence,
    /// As [`Comply`](Self::Comply), without `usage`, with an empty `finish_reason` and a field that nobody knows; in pieces,
    /// without `[DONE]`.
    BeSparse,
    /// As [`Comply`](Self::Comply), with lines that are longer than any platform allows.
    Ramble,
    /// As [`Comply`](Self::Comply), with one item less in each list.
    FallShort,
    /// As [`Comply`](Self::Comply), with one item more in each list.
    Overdo,
    /// Answers these words.
    Say(&'static str),
    /// Answers prose instead of JSON.
    Chat,
    /// Answers the beginning of JSON, cut off at the limit of tokens.
    RunOut,
    /// Declines.
    Decline,
    /// Answers an error of this status, with this code in its body.
    Fail(u16, &'static str),
    /// Answers 404, as it has other models: those of [`MODELS`].
    LackModel,
    /// Answers 429 and asks to wait so many seconds.
    Throttle(u32),
    /// Answers 200 and bytes that are no JSON.
    Babble,
    /// Takes the request and never answers.
    Hang,
    /// Announces a body, or sends its first half in pieces, and breaks the connection off.
    BreakOff,
    /// As [`Comply`](Self::Comply), all at once whatever is wanted.
    ComplyAtOnce,
    /// As [`Comply`](Self::Comply), with figures of usage that cannot be.
    Lie,
    /// Sends the first half in pieces and no more, without hanging up.
    Stall,
    /// Sends the first half in pieces, as if that were all.
    StopShort,
    /// Sends the first half in pieces, then an error.
    FailMidway,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body.
    pub body: Value,
}

/// A server on a free port of this machine, which stops when it is dropped.
///
/// Acts are played in their order; the last is played for all further requests.
#[derive(Debug)]
pub struct FakeOpenAi {
    base_url: String,
    stage: Arc<Stage>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Stage {
    script: Mutex<VecDeque<Act>>,
    requests: Mutex<Vec<ChatRequest>>,
    probes: AtomicUsize,
    /// One permit for each answer in pieces that is no longer sent.
    left: Arc<Semaphore>,
}

/// The models that the server says to have.
pub const MODELS: [&str; 2] = ["test-model", "test-model-mini"];

/// The tokens that each answer reports to have read and written.
pub const TOKENS: (u64, u64) = (1_200, 340);

impl FakeOpenAi {
    /// Starts a server that plays these acts, or [`Act::Comply`] where there are none.
    ///
    /// # Panics
    /// Where no port can be opened.
    pub async fn start(script: impl IntoIterator<Item = Act>) -> Self {
        let stage = Stage {
            script: Mutex::new(script.into_iter().collect()),
            requests: Mutex::default(),
            probes: AtomicUsize::new(0),
            left: Arc::new(Semaphore::new(0)),
        };
        let stage = Arc::new(stage);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port of this machine");
        let address = listener.local_addr().expect("a bound listener has an address");
        let router = Router::new()
            .route("/v1/chat/completions", post(play))
            .route("/v1/models", get(models))
            .with_state(Arc::clone(&stage));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("a server of axum never ends by itself");
        });
        Self { base_url: format!("http://{address}/v1"), stage, server }
    }

    /// What to configure as the base URL.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Plays these acts from now on.
    pub fn play(&self, script: impl IntoIterator<Item = Act>) {
        *self.stage.script.lock().unwrap_or_else(PoisonError::into_inner) = script.into_iter().collect();
    }

    /// How often it was asked which models it has.
    pub fn probes(&self) -> usize {
        self.stage.probes.load(Ordering::Relaxed)
    }

    /// Waits until one more answer in pieces is no longer being sent: at its end, or as its reader has gone.
    ///
    /// # Panics
    /// Never: nobody closes the semaphore.
    pub async fn left(&self) {
        self.stage.left.acquire().await.expect("nobody closes it").forget();
    }

    /// The requests for copy so far.
    pub fn requests(&self) -> Vec<ChatRequest> {
        self.stage.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for FakeOpenAi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Stage {
    fn next_act(&self) -> Act {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        if script.len() > 1 { script.pop_front() } else { script.front().cloned() }.unwrap_or(Act::Comply)
    }
}

/// Fails as the next request for copy would, where that fails for whatever it asks.
async fn models(State(stage): State<Arc<Stage>>, headers: HeaderMap) -> Response {
    stage.probes.fetch_add(1, Ordering::Relaxed);
    let act = stage.script.lock().unwrap_or_else(PoisonError::into_inner).front().cloned();
    match act {
        Some(Act::Hang) => pending().await,
        Some(Act::Fail(status, code)) => fails(status, code, &bearer(&headers).unwrap_or_default()),
        Some(Act::Babble) => "<html>It works!</html>".into_response(),
        _ => {
            let models = MODELS.map(|id| json!({ "id": id, "object": "model", "owned_by": "adstead" }));
            axum::Json(json!({ "object": "list", "data": models })).into_response()
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}

async fn play(State(stage): State<Arc<Stage>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).expect("a chat request is JSON");
    let authorization = bearer(&headers);
    let request = ChatRequest { authorization: authorization.clone(), body: body.clone() };
    let key = authorization.unwrap_or_default();
    stage.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    let act = stage.next_act();
    if body["stream"] == true
        && let Some((content, end)) = in_pieces(&act, &body)
    {
        return stream::says(&body, &content, &end, &stage.left);
    }
    match act {
        Act::Comply | Act::ComplyAtOnce => says(&body, &compliant(&body)),
        Act::Fence => says(&body, &fenced(&body)),
        Act::BeSparse => {
            let message = json!({ "content": compliant(&body) });
            let choice = json!({ "message": message, "finish_reason": "", "mood": "sunny" });
            axum::Json(json!({ "choices": [choice] })).into_response()
        }
        Act::Ramble => says(&body, &answer(&body, &Manner::RAMBLING).to_string()),
        Act::FallShort => says(&body, &answer(&body, &Manner::SHORT).to_string()),
        Act::Overdo => says(&body, &answer(&body, &Manner::LAVISH).to_string()),
        Act::Say(words) => says(&body, words),
        Act::Chat => says(&body, CHAT),
        Act::RunOut => axum::Json(completion(&body, BEGINNING, "length")).into_response(),
        Act::Decline => {
            let message =
                json!({ "role": "assistant", "content": null, "refusal": "I cannot help with that." });
            axum::Json(json!({ "choices": [{ "message": message, "finish_reason": "stop" }] }))
                .into_response()
        }
        Act::Fail(status, code) => fails(status, code, &key),
        Act::LackModel => fails(404, "model_not_found", &key),
        Act::Throttle(seconds) => {
            ([(RETRY_AFTER, seconds.to_string())], fails(429, "rate_limit_exceeded", &key)).into_response()
        }
        Act::Babble => "<html>It works!</html>".into_response(),
        Act::Lie => {
            let mut completion = completion(&body, &compliant(&body), "stop");
            completion["usage"] = json!({ "prompt_tokens": -5, "completion_tokens": "a lot" });
            axum::Json(completion).into_response()
        }
        Act::FailMidway => fails(500, "server_error", &key),
        Act::Hang | Act::Stall => pending().await,
        Act::BreakOff | Act::StopShort => {
            let cut = [Ok(Bytes::from_static(b"{\"choices\": [")), Err(io::Error::other("the cable is cut"))];
            let headers = [(CONTENT_TYPE, "application/json"), (CONTENT_LENGTH, "1000")];
            (headers, Body::from_stream(pieces::iter(cut))).into_response()
        }
    }
}

/// What an act says in pieces, and how they end; nothing where it is played at once all the same.
fn in_pieces(act: &Act, request: &Value) -> Option<(String, End)> {
    let answered = |manner| answer(request, manner).to_string();
    Some(match act {
        Act::Comply => (compliant(request), End::Said("stop")),
        Act::Fence => (fenced(request), End::Said("stop")),
        Act::BeSparse => (compliant(request), End::Silent),
        Act::Ramble => (answered(&Manner::RAMBLING), End::Said("stop")),
        Act::FallShort => (answered(&Manner::SHORT), End::Said("stop")),
        Act::Overdo => (answered(&Manner::LAVISH), End::Said("stop")),
        Act::Say(words) => ((*words).to_owned(), End::Said("stop")),
        Act::Chat => (CHAT.to_owned(), End::Said("stop")),
        Act::RunOut => (BEGINNING.to_owned(), End::Said("length")),
        Act::Lie => (compliant(request), End::Lie),
        Act::Stall => (compliant(request), End::Never),
        Act::StopShort => (compliant(request), End::Short),
        Act::BreakOff => (compliant(request), End::Cut),
        Act::FailMidway => (compliant(request), End::Error),
        Act::ComplyAtOnce
        | Act::Decline
        | Act::Fail(..)
        | Act::LackModel
        | Act::Throttle(_)
        | Act::Babble
        | Act::Hang => return None,
    })
}

/// Prose instead of an answer.
const CHAT: &str = "I would love to help! Could you tell me more about your product?";

/// The beginning of an answer.
const BEGINNING: &str = "{\"variants\": [{\"headl";

fn compliant(request: &Value) -> String {
    answer(request, &Manner::default()).to_string()
}

fn fenced(request: &Value) -> String {
    let answer = answer(request, &Manner::default());
    format!("Sure, here you are:\n\n```json\n{answer:#}\n```\n\nTell me if you {{need}} more.")
}

fn says(request: &Value, content: &str) -> Response {
    axum::Json(completion(request, content, "stop")).into_response()
}

fn completion(request: &Value, content: &str, finish_reason: &str) -> Value {
    let (read, written) = TOKENS;
    json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_772_438_400,
        "model": request["model"],
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": content, "refusal": null },
            "finish_reason": finish_reason,
        }],
        "usage": { "prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written },
    })
}

/// An error as OpenAI writes it. Like some servers do, it repeats the key.
fn fails(status: u16, code: &str, key: &str) -> Response {
    let status = StatusCode::from_u16(status).expect("a script names statuses that there are");
    (status, axum::Json(fails_in_words(code, key))).into_response()
}

fn fails_in_words(code: &str, key: &str) -> Value {
    let message = format!("You cannot have this ({code}), {key}.");
    json!({ "error": { "message": message, "type": code, "param": null, "code": code } })
}

/// How the lines of an answer come out.
#[derive(Default)]
struct Manner {
    padding: usize,
    surplus: isize,
}

impl Manner {
    const RAMBLING: Self = Self { padding: 3_000, surplus: 0 };
    const SHORT: Self = Self { padding: 0, surplus: -1 };
    const LAVISH: Self = Self { padding: 0, surplus: 1 };
}

/// What the schema of the request asks for. Where none is sent as such, it stands in the system message.
fn answer(request: &Value, manner: &Manner) -> Value {
    let sent = &request["response_format"]["json_schema"]["schema"];
    let schema = if sent.is_object() { sent.clone() } else { schema_in_words(request) };
    let mut written = 0;
    instance(&schema, manner, &mut written)
}

fn schema_in_words(request: &Value) -> Value {
    let system = request["messages"][0]["content"].as_str().unwrap_or_default();
    let last_line = system.lines().next_back().unwrap_or_default();
    serde_json::from_str(last_line).expect("the last line of the system message is a JSON schema")
}

/// A value that the schema allows; `written` counts its texts, so that no two are the same.
fn instance(schema: &Value, manner: &Manner, written: &mut usize) -> Value {
    match schema["type"].as_str() {
        Some("object") => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let properties =
                properties.map(|(name, schema)| (name.clone(), instance(schema, manner, written)));
            Value::Object(properties.collect::<Map<_, _>>())
        }
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(1) as usize;
            let items = least.saturating_add_signed(manner.surplus);
            (0..items).map(|_| instance(&schema["items"], manner, written)).collect()
        }
        Some("string") => {
            *written += 1;
            Value::String(format!("Fake line {written}{}", " and more".repeat(manner.padding / 9)))
        }
        Some("integer") => schema["minimum"].clone(),
        other => panic!("the server knows no JSON schema of the type {other:?}"),
    }
}
