use std::sync::Arc;

use adstead_domain::WebhookSecret;
use adstead_domain::port::{Clock, PortError};
use reqwest::Request;
use serde_json::{Value, json};
use url::Url;

use super::envelope::{Envelope, Limits};
use super::track::Track;
use crate::external::standard_webhook::standard_webhook;

/// One message for each event, by Standard Webhooks.
pub(super) struct Webhook {
    pub(super) url: Url,
    pub(super) secret: Option<WebhookSecret>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Envelope for Webhook {
    /// The specification's advice: a body below 20 kB; but events here are never near it.
    fn limits(&self) -> Limits {
        Limits { events: 1, item_bytes: 64_000, body_bytes: 64_000 }
    }

    fn item(&self, track: &Track) -> Value {
        let user = track.identity();
        json!({
            "type": track.name.to_string(),
            "timestamp": track.timestamp,
            "data": { "user": user, "properties": track.properties },
        })
    }

    fn around(&self, _first: &Track) -> (String, &'static str) {
        (String::new(), "")
    }

    fn request(&self, first: &Track, body: Vec<u8>) -> Result<Request, PortError> {
        let secrets: Vec<_> = self.secret.iter().collect();
        Ok(standard_webhook(
            self.url.clone(),
            &first.message_id.to_string(),
            self.clock.now(),
            &secrets,
            body,
        ))
    }
}
