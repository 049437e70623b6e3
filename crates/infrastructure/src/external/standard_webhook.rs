use adstead_domain::WebhookSecret;
use jiff::Timestamp;
use reqwest::Request;
use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use super::outgoing::json_request;

/// A message by Standard Webhooks
/// (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>): with its id, which is the same
/// each time it is sent, the time of this attempt, and a signature by each of the secrets.
pub(super) fn standard_webhook(
    url: Url,
    id: &str,
    sent_at: Timestamp,
    secrets: &[&WebhookSecret],
    body: Vec<u8>,
) -> Request {
    let signatures =
        secrets.iter().map(|secret| secret.sign(id, sent_at, &body)).collect::<Vec<_>>().join(" ");
    let mut request = json_request(url, body);
    let mut put = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value).expect("ids, numbers and base64 are plain ASCII");
        request.headers_mut().insert(HeaderName::from_static(name), value);
    };
    put("webhook-id", id);
    put("webhook-timestamp", &sent_at.as_second().to_string());
    if !signatures.is_empty() {
        put("webhook-signature", &signatures);
    }
    request
}
