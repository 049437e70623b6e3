//! A generation that is told while it is being written: server-sent events
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::convert::Infallible;
use std::time::Duration;

use adstead_domain::port::{Listener, Progress};
use axum::body::to_bytes;
use axum::http::HeaderName;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde_json::json;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::Answering;
use crate::observe::{self, RequestId};
use crate::problem::Problem;

/// How often a comment is sent where nothing else is, so that nobody between takes the connection for dead.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// Tells nginx, and those that imitate it, to hand each event on as it comes.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A generation that is being written.
pub(super) struct Writing {
    told: UnboundedReceiver<Event>,
    work: Answering,
    answer: Option<Response>,
}

/// What happens next.
enum Next {
    Told(Event),
    Ended(Response),
}

impl Writing {
    /// The work that `begin` makes for a listener. It goes on for as long as somebody reads.
    pub(super) fn new(begin: impl FnOnce(Listener) -> Answering) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let listener = Listener::new(move |progress| {
            // Nobody reads any more: then nobody works any more either, as soon as this returns.
            let _ = tell.send(event(progress));
        });
        Self { told, work: begin(listener), answer: None }
    }

    /// The events, and as the last one the answer. A problem before anything was written is answered as such.
    pub(super) async fn into_response(mut self, id: RequestId) -> Response {
        let first = match self.next().await {
            Next::Ended(response) if !response.status().is_success() => return response,
            first => first,
        };
        let events = stream::unfold(Some((Some(first), self)), move |state| {
            let id = id.clone();
            async move {
                let (first, mut writing) = state?;
                let next = match first {
                    Some(first) => first,
                    None => writing.next().await,
                };
                Some(match next {
                    Next::Told(event) => (Ok::<_, Infallible>(event), Some((None, writing))),
                    Next::Ended(response) => (Ok(last_event(response, &id).await), None),
                })
            }
        });
        let events = Sse::new(events).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE));
        ([(UNBUFFERED, "no")], events).into_response()
    }

    async fn next(&mut self) -> Next {
        if self.answer.is_none() {
            tokio::select! {
                biased;
                Some(event) = self.told.recv() => return Next::Told(event),
                response = &mut self.work => self.answer = Some(response),
            }
        }
        // What was told before the end is read before the end.
        match self.told.try_recv() {
            Ok(event) => Next::Told(event),
            Err(_) => Next::Ended(self.answer.take().expect("the work has ended, and its end is told once")),
        }
    }
}

fn event(progress: Progress<'_>) -> Event {
    let (name, data) = match progress {
        Progress::Began { provider, model } => ("started", json!({ "provider": provider, "model": model })),
        Progress::Wrote(text) => ("delta", json!({ "text": text })),
        Progress::Repairing { lines } => ("repairing", json!({ "lines": lines })),
    };
    Event::default().event(name).data(data.to_string())
}

/// The document that would have been the answer.
async fn last_event(mut response: Response, id: &RequestId) -> Event {
    let problem = match observe::problem_of(&mut response) {
        Some(problem) => problem,
        None => match to_bytes(response.into_body(), usize::MAX).await {
            Ok(body) => return Event::default().event("generation").data(String::from_utf8_lossy(&body)),
            Err(error) => Problem::broken_answer(error),
        },
    };
    let document = json!(observe::told(&problem, id));
    Event::default().event("problem").data(document.to_string())
}
