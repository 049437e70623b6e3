//! An answer that comes in pieces.

use std::time::Duration;

use async_openai::config::Config;
use async_openai::types::chat::{ChatCompletionStreamOptions, CreateChatCompletionRequest};
use bytes::Bytes;
use eventsource_stream::{EventStreamError, Eventsource};
use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::timeout;

use super::answer::{Ending, Refusal, Reply};
use super::transport::{Endpoint, Failure, body_of, succeeded, without_key};
use crate::external::words::excerpt;

/// The longest stream that is read, in bytes: around each word stand some hundred bytes of JSON.
const LONGEST_STREAM: usize = 64 << 20;

/// The way to a server whose answers come in pieces.
pub(super) struct Streams {
    http: reqwest::Client,
    url: String,
    headers: HeaderMap,
    key: Option<SecretString>,
    /// The longest time without a piece.
    patience: Duration,
}

impl Streams {
    pub(super) fn new(
        http: reqwest::Client,
        endpoint: &Endpoint,
        key: Option<SecretString>,
        patience: Duration,
    ) -> Self {
        let (url, headers) = (endpoint.url("/chat/completions"), endpoint.headers());
        Self { http, url, headers, key, patience }
    }

    /// Asks for an answer, and hands each of its pieces to `take` as it comes.
    ///
    /// A server that does not stream gives all of it in one piece. One that does not know `stream_options` is asked again
    /// without: better an answer without figures of usage than none.
    pub(super) async fn read(
        &self,
        request: &CreateChatCompletionRequest,
        mut take: impl FnMut(&Value),
    ) -> Result<(), Failure> {
        let usage = ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None };
        let request = CreateChatCompletionRequest {
            stream: Some(true),
            stream_options: Some(usage),
            ..request.clone()
        };
        let response = match self.open(&request).await {
            Err(failure) if failure.refuses("stream_options") => {
                self.open(&CreateChatCompletionRequest { stream_options: None, ..request }).await?
            }
            opened => opened?,
        };
        if !is_stream(&response) {
            let body = self.within_patience(body_of(response, self.key.as_ref())).await??;
            take(&serde_json::from_slice(&body).unwrap_or_default());
            return Ok(());
        }
        let mut events = bounded(response).eventsource();
        while let Some(event) = self.within_patience(events.next()).await? {
            let data = event.map_err(Failure::from)?.data;
            if data.trim() == "[DONE]" {
                break;
            }
            let Ok(piece) = serde_json::from_str::<Value>(&data) else {
                return Err(Failure::NotJson(self.readable(&data)));
            };
            if let Some(error) = piece.get("error").filter(|error| !error.is_null()) {
                let message = error.get("message").unwrap_or(error);
                let message = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
                return Err(Failure::GaveUp(self.readable(&message)));
            }
            take(&piece);
        }
        Ok(())
    }

    async fn open(&self, request: &CreateChatCompletionRequest) -> Result<Response, Failure> {
        let request = self.http.post(&self.url).headers(self.headers.clone()).json(request).build()?;
        let response = self.within_patience(self.http.execute(request)).await??;
        self.within_patience(succeeded(response, self.key.as_ref())).await?
    }

    async fn within_patience<T>(&self, piece: impl Future<Output = T>) -> Result<T, Failure> {
        timeout(self.patience, piece).await.map_err(|_elapsed| Failure::Stalled(self.patience))
    }

    fn readable(&self, text: &str) -> String {
        excerpt(&without_key(text, self.key.as_ref()))
    }
}

fn is_stream(response: &Response) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.to_ascii_lowercase().starts_with("text/event-stream"))
}

fn bounded(response: Response) -> BoxStream<'static, Result<Bytes, Failure>> {
    let mut read = 0;
    let within_bounds = move |piece: Result<Bytes, reqwest::Error>| {
        let piece = piece?;
        read += piece.len();
        if read > LONGEST_STREAM { Err(Failure::TooLong { most: LONGEST_STREAM }) } else { Ok(piece) }
    };
    response.bytes_stream().map(within_bounds).boxed()
}

impl From<EventStreamError<Failure>> for Failure {
    fn from(error: EventStreamError<Failure>) -> Self {
        match error {
            EventStreamError::Transport(failure) => failure,
            EventStreamError::Utf8(_) | EventStreamError::Parser(_) => Self::NotJson(error.to_string()),
        }
    }
}

/// An answer while it is put together. Servers leave out or misspell much of what is not the text.
#[derive(Default)]
pub(super) struct Pieces {
    model: Option<String>,
    tokens: Option<(u64, u64)>,
    content: String,
    refusal: String,
    ending: Option<Ending>,
}

impl Pieces {
    /// Takes in the next piece, and answers the text that it brought.
    pub(super) fn take<'a>(&mut self, piece: &'a Value) -> Option<&'a str> {
        let text = |pointer| piece.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let either = |first, second| text(first).or_else(|| text(second));
        let tokens = |pointer| piece.pointer(pointer).and_then(Value::as_u64);
        if let Some(model) = text("/model") {
            self.model = Some(model.to_owned());
        }
        // Where a server tells with each piece, the last one counts.
        let told = tokens("/usage/prompt_tokens").zip(tokens("/usage/completion_tokens"));
        self.tokens = told.or(self.tokens);
        if let Some(refusal) = either("/choices/0/delta/refusal", "/choices/0/message/refusal") {
            self.refusal.push_str(refusal);
        }
        if let Some(reason) = text("/choices/0/finish_reason") {
            self.ending = Some(Ending::of(reason));
        }
        let content = either("/choices/0/delta/content", "/choices/0/message/content")?;
        self.content.push_str(content);
        Some(content)
    }

    /// The answer, once no more of it comes. One that was not said to be at its end may all the same be whole.
    pub(super) fn into_reply(self) -> Reply {
        let Self { model, tokens, content, refusal, ending } = self;
        let refusal = (!refusal.is_empty()).then(|| Refusal::new(&refusal));
        Reply { model, tokens, content, ending: ending.unwrap_or(Ending::Untold), refusal }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_put_together_from_its_pieces() {
        let mut pieces = Pieces::default();
        let heard: Vec<_> = [
            json!({"model": "m", "choices": [{"delta": {"role": "assistant", "content": ""}}], "usage": null}),
            json!({"choices": [{"delta": {"content": "{\"lines\":"}, "finish_reason": null}]}),
            json!({"choices": [{"delta": {"content": " [\"a\"]}"}, "finish_reason": ""}]}),
            json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}),
            json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}),
        ]
        .iter()
        .filter_map(|piece| pieces.take(piece).map(ToOwned::to_owned))
        .collect();
        assert_eq!(heard.concat(), "{\"lines\": [\"a\"]}");
        let reply = pieces.into_reply();
        assert_eq!((reply.model.as_deref(), reply.tokens), (Some("m"), Some((7, 3))));
        assert_eq!((reply.content, reply.ending), (heard.concat(), Ending::Said));
    }

    #[test]
    fn figures_that_are_none_are_not_known_and_a_missing_end_is_not_invented() {
        let mut pieces = Pieces::default();
        pieces.take(&json!({"choices": [{"delta": {"content": "a"}}], "usage": {"prompt_tokens": -7, "completion_tokens": "3"}}));
        let reply = pieces.into_reply();
        assert_eq!((reply.tokens, reply.ending), (None, Ending::Untold));
    }

    #[test]
    fn a_refusal_in_pieces_is_one() {
        let mut pieces = Pieces::default();
        for word in ["I can", "not."] {
            assert_eq!(pieces.take(&json!({"choices": [{"delta": {"refusal": word}}]})), None);
        }
        assert_eq!(pieces.into_reply().refusal.unwrap().to_string(), "the model declined: \"I cannot.\"");
    }
}
