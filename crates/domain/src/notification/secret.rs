use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::Violation;
use crate::port::Entropy;

/// What messages to a webhook are signed with, by Standard Webhooks
/// (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>): `whsec_` and 24 to 64 bytes
/// in base64. Its value is in no log.
///
/// ```
/// use adstead_domain::WebhookSecret;
///
/// // The example of the specification's own libraries.
/// let secret: WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
/// let sent_at = "2021-02-25T15:02:10Z".parse().unwrap();
/// let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", sent_at, br#"{"test": 2432232314}"#);
/// assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
/// assert_eq!(format!("{secret:?}"), "WebhookSecret(***)");
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    const PREFIX: &str = "whsec_";

    /// A new secret of 32 random bytes.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = vec![0; 32];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// The signature of a message: of its id, its time in seconds, and its body, parted by full stops.
    pub fn sign(&self, id: &str, sent_at: Timestamp, body: &[u8]) -> String {
        let mut signature = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        signature.update(format!("{id}.{}.", sent_at.as_second()).as_bytes());
        signature.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(signature.finalize().into_bytes()))
    }

    /// The secret itself, for whoever verifies or stores it.
    pub fn reveal(&self) -> String {
        format!("{}{}", Self::PREFIX, BASE64_STANDARD.encode(&self.0))
    }
}

impl FromStr for WebhookSecret {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.strip_prefix(Self::PREFIX).and_then(|secret| BASE64_STANDARD.decode(secret).ok());
        bytes.filter(|bytes| (24..=64).contains(&bytes.len())).map(Self).ok_or_else(|| {
            Violation::invalid(
                "the secret of a webhook is whsec_ and 24 to 64 bytes in base64: make one with \
                 `echo whsec_$(openssl rand -base64 32)`",
            )
        })
    }
}

impl TryFrom<String> for WebhookSecret {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WebhookSecret> for String {
    fn from(secret: WebhookSecret) -> Self {
        secret.reveal()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(***)")
    }
}
