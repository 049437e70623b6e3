use adstead_domain::port::PortError;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::config::Consent;
use super::envelope::{Envelope, Limits};
use super::track::Track;
use crate::external::outgoing::json_request;

/// Segment's HTTP API (<https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/>).
pub(super) struct Segment {
    url: Url,
    authorization: HeaderValue,
}

impl Segment {
    /// `url` is that of `v1/batch`; nothing where the key cannot be sent.
    pub(super) fn new(url: Url, write_key: &SecretString) -> Option<Self> {
        let basic = BASE64_STANDARD.encode(format!("{}:", write_key.expose_secret()));
        let mut authorization = HeaderValue::from_str(&format!("Basic {basic}")).ok()?;
        authorization.set_sensitive(true);
        Some(Self { url, authorization })
    }

    /// The event, as Segment's specification has it.
    pub(super) fn message(track: &Track) -> Value {
        let agreed = track.consent == Consent::Granted;
        let mut message = json!({
            "type": "track",
            "messageId": track.message_id,
            "event": track.title,
            "anonymousId": track.pseudonym,
            "timestamp": track.timestamp,
            "properties": track.properties,
            "context": {
                "library": { "name": "adstead", "version": env!("CARGO_PKG_VERSION") },
                "consent": { "categoryPreferences": { "Analytics": agreed } },
            },
        });
        if let (Some(fields), Some(user_id)) = (message.as_object_mut(), track.user_id) {
            fields.insert("userId".to_owned(), user_id.to_string().into());
        }
        message
    }
}

impl Envelope for Segment {
    /// 500 KB for a batch and 32 KB for each event ("Batch" of its HTTP API), counted in powers of ten to be safe.
    fn limits(&self) -> Limits {
        Limits { events: 1_000, item_bytes: 32_000, body_bytes: 500_000 }
    }

    fn item(&self, track: &Track) -> Value {
        Self::message(track)
    }

    fn around(&self, _first: &Track) -> (String, &'static str) {
        (r#"{"batch":["#.to_owned(), "]}")
    }

    fn request(&self, _first: &Track, body: Vec<u8>) -> Result<Request, PortError> {
        let mut request = json_request(self.url.clone(), body);
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        Ok(request)
    }
}
