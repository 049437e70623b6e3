//! Answers in pieces, as OpenAI sends them: server-sent events, each with a `chat.completion.chunk`.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use super::{TOKENS, fails_in_words};

/// How a stream ends.
pub(super) enum End {
    /// As OpenAI ends it: the reason, the usage where it was asked for, `[DONE]`.
    Said(&'static str),
    /// Without a word: an empty reason, no usage, no `[DONE]`.
    Silent,
    /// In the middle of the text, as if that were all.
    Short,
    /// In the middle of the text, as the connection breaks.
    Cut,
    /// In the middle of the text, with an error.
    Error,
    /// Not at all: after the beginning of the text comes nothing.
    Never,
    /// With a usage that cannot be.
    Lie,
}

/// The answer to `request` that says this.
pub(super) fn says(request: &Value, content: &str, end: &End, left: &Arc<Semaphore>) -> Response {
    let is_broken = matches!(end, End::Short | End::Cut | End::Error | End::Never);
    let characters: Vec<_> = content.chars().collect();
    let pieces: Vec<String> = characters.chunks(24).map(|piece| piece.iter().collect()).collect();
    let said = if is_broken { &pieces[..pieces.len().div_ceil(2)] } else { &pieces };
    let chunk = |delta: &Value, reason: &Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": reason });
        event(
            &json!({ "object": "chat.completion.chunk", "model": request["model"], "choices": [choice], "usage": null }),
        )
    };
    let mut events = vec![chunk(&json!({ "role": "assistant", "content": "" }), &Value::Null)];
    events.extend(said.iter().map(|piece| chunk(&json!({ "content": piece }), &Value::Null)));
    let nothing = json!({});
    let usage = |usage: Value| event(&json!({ "choices": [], "usage": usage }));
    let done = "data: [DONE]\n\n".to_owned();
    let mut after: BoxStream<'static, io::Result<String>> = stream::empty().boxed();
    match end {
        End::Said(reason) => {
            events.push(chunk(&nothing, &json!(reason)));
            if request["stream_options"]["include_usage"] == true {
                let (read, written) = TOKENS;
                events.push(usage(json!({ "prompt_tokens": read, "completion_tokens": written })));
            }
            events.push(done);
        }
        End::Silent => events.push(chunk(&nothing, &json!(""))),
        End::Short => {}
        End::Cut => {
            let cut = async {
                // A connection that breaks at once would take with it what was not sent yet.
                yield_now().await;
                Err(io::Error::other("the cable is cut"))
            };
            after = stream::once(cut).boxed();
        }
        End::Error => events.push(event(&fails_in_words("server_error", ""))),
        End::Never => after = stream::pending().boxed(),
        End::Lie => {
            events.push(chunk(&nothing, &json!("stop")));
            events.push(usage(json!({ "prompt_tokens": -5, "completion_tokens": "a lot" })));
            events.push(done);
        }
    }
    let leaving = Leaving(Arc::clone(left));
    let events = stream::iter(events).map(Ok).chain(after).map(move |event| {
        let _ = &leaving;
        event.map(Bytes::from)
    });
    ([(CONTENT_TYPE, "text/event-stream; charset=utf-8")], Body::from_stream(events)).into_response()
}

fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// Adds a permit once the stream that holds it is no more: at its end, or as its reader has gone.
struct Leaving(Arc<Semaphore>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}
