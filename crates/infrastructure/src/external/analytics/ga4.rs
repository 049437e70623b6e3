use adstead_domain::port::PortError;
use reqwest::Request;
use serde_json::{Map, Value, json};
use url::Url;

use super::config::Consent;
use super::envelope::{Envelope, Limits};
use super::track::{REVENUE, Track};
use crate::external::outgoing::json_request;

/// The Measurement Protocol of Google Analytics 4
/// (<https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference>).
///
/// It answers 204 to whatever can be read, and drops what it does not like: so its limits are kept here.
pub(super) struct Ga4 {
    /// That of `mp/collect`, with the measurement id and the secret in its query.
    pub(super) url: Url,
}

/// Characters of a parameter's value, and parameters of an event
/// (<https://developers.google.com/analytics/devguides/collection/protocol/ga4/sending-events#limitations>).
const LONGEST_VALUE: usize = 100;
const MOST_PARAMETERS: usize = 25;

/// What an event was worth, in `currency`
/// (<https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference/events>).
const VALUE: &str = "value";

impl Envelope for Ga4 {
    /// 25 events and less than 130 kB a request.
    fn limits(&self) -> Limits {
        Limits { events: 25, item_bytes: 100_000, body_bytes: 129_000 }
    }

    fn item(&self, track: &Track) -> Value {
        let mut parameters = Map::new();
        for (name, value) in &track.properties {
            flatten(if name == REVENUE { VALUE } else { name }, value, &mut parameters);
        }
        let event_id = ("event_id".to_owned(), Value::from(track.message_id.to_string()));
        let parameters: Map<_, _> =
            parameters.into_iter().take(MOST_PARAMETERS - 1).chain([event_id]).collect();
        json!({
            "name": format!("{}_{}", track.name.subject(), track.name.change()),
            "timestamp_micros": track.timestamp_micros,
            "params": parameters,
        })
    }

    /// A request is about one person.
    fn may_share(&self, first: &Track, other: &Track) -> bool {
        (first.user_id, first.pseudonym) == (other.user_id, other.pseudonym)
    }

    fn around(&self, first: &Track) -> (String, &'static str) {
        let consent = match first.consent {
            Consent::Granted => "GRANTED",
            Consent::Denied => "DENIED",
        };
        let user = first.user_id.map(|id| format!(r#""user_id":"{id}","#)).unwrap_or_default();
        let start = format!(
            r#"{{"client_id":"{}",{user}"consent":{{"ad_user_data":"{consent}","ad_personalization":"{consent}"}},"events":["#,
            first.pseudonym
        );
        (start, "]}")
    }

    fn request(&self, _first: &Track, body: Vec<u8>) -> Result<Request, PortError> {
        Ok(json_request(self.url.clone(), body))
    }
}

/// A property as parameters, which are texts or numbers: what stands in it has its name before its own.
fn flatten(name: &str, value: &Value, parameters: &mut Map<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                flatten(&format!("{name}_{field}"), value, parameters);
            }
        }
        Value::Number(_) => drop(parameters.insert(name.to_owned(), value.clone())),
        Value::String(text) => {
            let beginning: String = text.chars().take(LONGEST_VALUE).collect();
            parameters.insert(name.to_owned(), beginning.into());
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => {
            let beginning: String = value.to_string().chars().take(LONGEST_VALUE).collect();
            parameters.insert(name.to_owned(), beginning.into());
        }
    }
}
