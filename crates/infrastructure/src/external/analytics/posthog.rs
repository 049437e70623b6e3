use adstead_domain::port::PortError;
use reqwest::Request;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::config::Consent;
use super::envelope::{Envelope, Limits};
use super::track::Track;
use crate::external::outgoing::json_request;

/// PostHog's capture API (<https://posthog.com/docs/api/capture>).
pub(super) struct PostHog {
    /// That of `batch/`.
    pub(super) url: Url,
    pub(super) project_key: SecretString,
}

impl Envelope for PostHog {
    /// 20 MB for a request; an event may take 1 MB (PostHog's limit of a message on its way through Kafka).
    fn limits(&self) -> Limits {
        Limits { events: 1_000, item_bytes: 1_000_000, body_bytes: 20_000_000 }
    }

    fn item(&self, track: &Track) -> Value {
        let mut properties = track.properties.clone();
        properties.insert("$lib".to_owned(), "adstead".into());
        properties.insert("$lib_version".to_owned(), env!("CARGO_PKG_VERSION").into());
        // No profile is made of somebody who did not agree (<https://posthog.com/docs/data/anonymous-vs-identified-events>).
        let agreed = track.consent == Consent::Granted;
        properties.insert("$process_person_profile".to_owned(), agreed.into());
        json!({
            "event": track.title,
            "distinct_id": track.identity(),
            "uuid": track.message_id,
            "timestamp": track.timestamp,
            "properties": properties,
        })
    }

    fn around(&self, _first: &Track) -> (String, &'static str) {
        let key = Value::from(self.project_key.expose_secret());
        (format!(r#"{{"api_key":{key},"batch":["#), "]}")
    }

    fn request(&self, _first: &Track, body: Vec<u8>) -> Result<Request, PortError> {
        Ok(json_request(self.url.clone(), body))
    }
}
