use adstead_domain::port::{PortError, PortErrorKind};
use reqwest::Request;
use serde_json::Value;

use super::sink::TELL;
use super::track::Track;

/// How a sink over HTTP wants to be told.
pub(super) trait Envelope: Send + Sync {
    /// What it takes.
    fn limits(&self) -> Limits;

    /// One event, as an item of a body.
    fn item(&self, track: &Track) -> Value;

    /// Whether both can stand in one body.
    fn may_share(&self, _first: &Track, _other: &Track) -> bool {
        true
    }

    /// What stands before and behind the items of a body, which are parted by commas.
    fn around(&self, first: &Track) -> (String, &'static str);

    /// The request that brings a body. `first` is the first of its events.
    fn request(&self, first: &Track, body: Vec<u8>) -> Result<Request, PortError>;
}

/// What a sink takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Events in one request.
    pub(super) events: usize,
    /// Bytes of one event.
    pub(super) item_bytes: usize,
    /// Bytes of one request.
    pub(super) body_bytes: usize,
}

/// The requests that tell a sink of events, in their order: as few as its limits allow.
///
/// An event that is too large by itself is refused, with all that came with it: whoever delivers then tells them one by one.
pub(super) fn requests(envelope: &dyn Envelope, tracks: &[Track]) -> Result<Vec<Request>, PortError> {
    let Limits { events, item_bytes, body_bytes } = envelope.limits();
    let mut requests = Vec::new();
    let mut open: Option<Body<'_>> = None;
    for track in tracks {
        let item = envelope.item(track).to_string();
        if item.len() > item_bytes {
            let why = format!(
                "the event takes {} bytes and the sink takes {item_bytes} at most: leave fields out by `omit`",
                item.len()
            );
            return Err(PortError::new(PortErrorKind::Rejected, TELL).with_source(why));
        }
        let fits = |body: &Body<'_>| {
            let is_room =
                body.events < events && body.text.len() + 1 + item.len() + body.end.len() <= body_bytes;
            is_room && envelope.may_share(body.first, track)
        };
        open = match open {
            Some(mut body) if fits(&body) => {
                body.text.push(',');
                body.text.push_str(&item);
                body.events += 1;
                Some(body)
            }
            full => {
                if let Some(full) = full {
                    requests.push(full.close(envelope)?);
                }
                let (start, end) = envelope.around(track);
                Some(Body { first: track, text: start + &item, end, events: 1 })
            }
        };
    }
    if let Some(last) = open {
        requests.push(last.close(envelope)?);
    }
    Ok(requests)
}

/// A body that may take further events.
struct Body<'a> {
    first: &'a Track,
    text: String,
    end: &'static str,
    events: usize,
}

impl Body<'_> {
    fn close(mut self, envelope: &dyn Envelope) -> Result<Request, PortError> {
        self.text.push_str(self.end);
        envelope.request(self.first, self.text.into_bytes())
    }
}
