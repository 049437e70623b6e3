use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use super::WebhookSecret;
use crate::id::shortened;
use crate::vocabulary::vocabulary;
use crate::{Email, Violation};

vocabulary! {
    /// A way to tell somebody.
    Channel, "a channel" {
        /// By mail.
        Email = "email",
        /// By a message to a chat that takes webhooks as Slack does (Mattermost, Rocket.Chat, Discord's `/slack`).
        Slack = "slack",
        /// By a signed message to a program (Standard Webhooks).
        Webhook = "webhook",
    }
}

/// Where somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub enum Destination {
    /// A mailbox.
    Email {
        /// Its address.
        address: Email,
    },
    /// A chat.
    Slack {
        /// The address of its webhook, which is a secret.
        url: WebhookUrl,
    },
    /// A program.
    Webhook {
        /// Where it listens.
        url: WebhookUrl,
        /// What messages to it are signed with.
        secrets: WebhookSecrets,
    },
}

impl Destination {
    /// By which way.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email { .. } => Channel::Email,
            Self::Slack { .. } => Channel::Slack,
            Self::Webhook { .. } => Channel::Webhook,
        }
    }
}

/// The address of a webhook, `http` or `https`. It may be all that keeps strangers out, so `Display` shows no more than where it
/// leads.
///
/// ```
/// use adstead_domain::WebhookUrl;
///
/// let url: WebhookUrl = "https://hooks.slack.com/services/T0/B0/secret".parse().unwrap();
/// assert_eq!(url.to_string(), "https://hooks.slack.com/…");
/// assert!("https://me:secret@example.com/".parse::<WebhookUrl>().is_err());
/// assert!("ftp://example.com/".parse::<WebhookUrl>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// The longest address, in bytes.
    pub const LONGEST: usize = 2_048;

    /// The address itself.
    pub const fn reveal(&self) -> &Url {
        &self.0
    }
}

impl FromStr for WebhookUrl {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > Self::LONGEST {
            let (length, most) = (text.len(), Self::LONGEST);
            return Err(Violation::invalid(format!(
                "the address takes {length} bytes, {most} are allowed: shorten it"
            )));
        }
        let url = Url::parse(text.trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(url) = url else {
            let text = shortened(text);
            return Err(Violation::invalid(format!(
                "{text:?} is not the address of a webhook: write one such as https://example.com/hooks/adstead"
            )));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Violation::invalid(
                "the address holds a name or password, which logs of others would show: leave it out, and verify the signature",
            ));
        }
        Ok(Self(url))
    }
}

impl TryFrom<String> for WebhookUrl {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WebhookUrl> for String {
    fn from(url: WebhookUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/…", self.0.origin().ascii_serialization())
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What messages to a webhook are signed with: several secrets for some time after a change, so that its receiver can follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSecrets {
    current: WebhookSecret,
    /// The last one first.
    #[serde(default)]
    retired: Vec<Retired>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Retired {
    secret: WebhookSecret,
    until: Timestamp,
}

impl WebhookSecrets {
    /// For how long a secret still counts after it was changed.
    pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

    /// Secrets that count at the same time: whoever changes them more often loses the oldest.
    pub const MOST: usize = 5;

    /// One secret.
    pub const fn new(secret: WebhookSecret) -> Self {
        Self { current: secret, retired: Vec::new() }
    }

    /// The secret that counts from now on.
    pub const fn current(&self) -> &WebhookSecret {
        &self.current
    }

    /// Those that messages are signed with at `now`.
    pub fn active(&self, now: Timestamp) -> Vec<&WebhookSecret> {
        let retired = self.retired.iter().filter(|retired| now < retired.until);
        [&self.current].into_iter().chain(retired.map(|retired| &retired.secret)).collect()
    }

    /// Puts another secret in the place of the current one, which counts for [`OVERLAP`](Self::OVERLAP) beside it.
    #[must_use]
    pub fn rotated(self, secret: WebhookSecret, now: Timestamp) -> Self {
        let last = Retired { secret: self.current, until: now + Self::OVERLAP };
        let others = self.retired.into_iter().filter(|retired| now < retired.until);
        Self { current: secret, retired: [last].into_iter().chain(others).take(Self::MOST - 1).collect() }
    }
}
