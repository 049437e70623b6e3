//! A server that takes whatever is sent to it, over real HTTP, and keeps it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// With this status.
    Status(u16),
    /// With 429, and the wish to be left alone for so many seconds.
    Throttle(u32),
    /// With 302, to somewhere else on the same server.
    Redirect,
    /// With this status, and a text that does not end.
    Endless(u16),
    /// Never.
    Hang,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Received {
    /// The path and the query.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// A server on a free port of this machine, which stops when it is dropped.
#[derive(Debug)]
pub struct Receiver {
    url: String,
    room: Arc<Room>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Room {
    replies: Mutex<VecDeque<Reply>>,
    received: watch::Sender<Vec<Received>>,
}

impl Receiver {
    /// Starts a server that answers in this way, the last reply being given to all further requests; 200 where there is none.
    ///
    /// # Panics
    /// Where no port can be opened.
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let room = Room {
            replies: Mutex::new(replies.into_iter().collect()),
            received: watch::Sender::new(Vec::new()),
        };
        let room = Arc::new(room);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port of this machine");
        let address = listener.local_addr().expect("a bound listener has an address");
        let router = Router::new().fallback(receive).with_state(Arc::clone(&room));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("a server of axum never ends by itself");
        });
        Self { url: format!("http://{address}"), room, server }
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers in this way from now on.
    pub fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        *self.room.replies.lock().unwrap_or_else(PoisonError::into_inner) = replies.into_iter().collect();
    }

    /// What came in so far.
    pub fn received(&self) -> Vec<Received> {
        self.room.received.borrow().clone()
    }

    /// What came in, once there are so many.
    ///
    /// # Panics
    /// Never: the server keeps its end.
    pub async fn wait_for(&self, requests: usize) -> Vec<Received> {
        let mut received = self.room.received.subscribe();
        let enough = received.wait_for(|received| received.len() >= requests).await;
        enough.expect("the server keeps its end").clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Received {
    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// A header as text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

async fn receive(State(room): State<Arc<Room>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let reply = {
        let mut replies = room.replies.lock().unwrap_or_else(PoisonError::into_inner);
        if replies.len() > 1 { replies.pop_front() } else { replies.front().copied() }
    };
    room.received.send_modify(|received| received.push(Received { target, headers: head.headers, body }));
    let status = |status| StatusCode::from_u16(status).expect("a reply has a status that there is");
    match reply.unwrap_or(Reply::Status(200)) {
        Reply::Status(code) => (status(code), Body::from("{}")).into_response(),
        Reply::Throttle(seconds) => (status(429), [(RETRY_AFTER, seconds.to_string())]).into_response(),
        Reply::Redirect => (status(302), [(LOCATION, "/elsewhere")]).into_response(),
        Reply::Endless(code) => {
            let begun = stream::once(async { Ok::<_, Infallible>("begun") });
            (status(code), Body::from_stream(begun.chain(stream::pending()))).into_response()
        }
        Reply::Hang => pending().await,
    }
}
