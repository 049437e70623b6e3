use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::{check_rates, ms, secs};
use crate::check::Check;
use crate::values::{HttpUrl, duration, http_url_unless, optional_secret, unless_none};

/// `[analytics]`: who is told of what happens, for analysis.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalyticsSettings {
    /// The sinks, by name.
    #[serde(default)]
    pub sinks: BTreeMap<String, SinkSettings>,
}

/// `[analytics.sinks.NAME]`: somebody who is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinkSettings {
    /// What it is.
    pub kind: SinkKind,
    /// Its address; nothing is that of the kind's own cloud.
    #[serde(deserialize_with = "unless_default")]
    pub url: Option<HttpUrl>,
    /// The key that it knows the sender by, or for a webhook the secret that messages are signed with.
    #[serde(deserialize_with = "optional_secret")]
    pub key: Option<SecretString>,
    /// The measurement id of Google Analytics 4.
    #[serde(deserialize_with = "unless_none")]
    pub measurement_id: Option<String>,
    /// The file that events are appended to.
    #[serde(deserialize_with = "path_unless_none")]
    pub path: Option<PathBuf>,
    /// Patterns of the events that it is told of.
    pub events: Vec<String>,
    /// Fields of an event that it is not told.
    pub omit: Vec<String>,
    /// Whether it may know who did something.
    pub consent: SinkConsent,
    /// How long one request may take, 100 ms to 9 s.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
    /// Requests that may be under way at once, 1 to 10,000.
    pub concurrency: u32,
    /// Requests a minute that may be made, up to 1,000,000; 0 for as many as there are.
    pub requests_per_minute: u32,
}

/// What a sink is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SinkKind {
    /// Segment, or what speaks like it.
    Segment,
    /// PostHog.
    PostHog,
    /// Google Analytics 4.
    Ga4,
    /// A webhook by Standard Webhooks.
    Webhook,
    /// A file.
    File,
}

/// Whether a sink may know who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SinkConsent {
    /// They agreed.
    Granted,
    /// They did not.
    Denied,
}

impl SinkKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::PostHog => "posthog",
            Self::Ga4 => "ga4",
            Self::Webhook => "webhook",
            Self::File => "file",
        }
    }
}

impl AnalyticsSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        for (name, sink) in &self.sinks {
            sink.validate(&format!("analytics.sinks.{name}"), check);
        }
    }
}

impl SinkSettings {
    fn validate(&self, section: &str, check: &mut Check<'_>) {
        let kind = self.kind.as_str();
        let mut wants = |name: &str, is_given: bool, is_wanted: bool, what: &str| {
            let key = format!("{section}.{name}");
            match (is_given, is_wanted) {
                (false, true) => {
                    check.fault(&key, format!("a sink of the kind {kind} needs {what}; give it"));
                }
                (true, false) => {
                    check.fault(&key, format!("a sink of the kind {kind} has no {name}; take it out"));
                }
                _ => {}
            }
        };
        let is_cloud = matches!(self.kind, SinkKind::Segment | SinkKind::PostHog | SinkKind::Ga4);
        wants(
            "key",
            self.key.is_some(),
            is_cloud || self.kind == SinkKind::Webhook,
            "the key that it knows you by",
        );
        wants(
            "measurement_id",
            self.measurement_id.is_some(),
            self.kind == SinkKind::Ga4,
            "its measurement id",
        );
        wants("path", self.path.is_some(), self.kind == SinkKind::File, "the path of its file");
        if !is_cloud {
            wants(
                "url",
                self.url.is_some(),
                self.kind == SinkKind::Webhook,
                "the address that messages go to",
            );
        }
        check.within(&format!("{section}.timeout"), self.timeout, ms(100)..=secs(9));
        check_rates(section, self.concurrency, self.requests_per_minute, check);
        if self.events.is_empty() {
            check.fault(
                &format!("{section}.events"),
                "it would be told of nothing; name events, or \"*\" for all",
            );
        }
    }
}

fn unless_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HttpUrl>, D::Error> {
    http_url_unless(deserializer, "default")
}

fn path_unless_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    Ok(unless_none(deserializer)?.map(PathBuf::from))
}
