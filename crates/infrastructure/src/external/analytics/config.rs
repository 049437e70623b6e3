use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use adstead_domain::{OccurrencePattern, WebhookSecret};
use secrecy::SecretString;
use url::Url;

use crate::external::ServicePolicy;
use crate::external::words::origin;

/// A sink, and what it is told.
#[derive(Debug, Clone)]
pub struct SinkConfig {
    /// Where it is, and how it is spoken to.
    pub target: SinkTarget,
    /// Which events it is told of.
    pub events: Vec<OccurrencePattern>,
    /// The fields of an event that it is not told, such as `name` and `notes`.
    pub omit: BTreeSet<String>,
    /// Whether it may know who did something.
    pub consent: Consent,
    /// What requests to it are held to, where it is a server.
    pub policy: ServicePolicy,
}

/// Where a sink is.
#[derive(Clone)]
pub enum SinkTarget {
    /// A server.
    Http {
        /// The address that the protocol's paths go on from, such as `https://api.segment.io`.
        url: Url,
        /// How it is spoken to.
        protocol: SinkProtocol,
    },
    /// A file of this machine, one event in Segment's shape a line.
    File {
        /// Its path.
        path: PathBuf,
    },
}

impl fmt::Debug for SinkTarget {
    /// Of an address, what holds no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { url, protocol } => {
                let url = origin(url.as_str());
                f.debug_struct("Http").field("url", &url).field("protocol", protocol).finish()
            }
            Self::File { path } => f.debug_struct("File").field("path", path).finish(),
        }
    }
}

/// How a server is spoken to.
#[derive(Debug, Clone)]
pub enum SinkProtocol {
    /// Segment's HTTP API, which RudderStack and Jitsu speak as well: `v1/batch`.
    Segment {
        /// The write key of the source.
        write_key: SecretString,
    },
    /// PostHog's capture API: `batch/`.
    PostHog {
        /// The key of the project.
        project_key: SecretString,
    },
    /// The Measurement Protocol of Google Analytics 4: `mp/collect`.
    Ga4 {
        /// The measurement id of the data stream.
        measurement_id: String,
        /// A secret of the data stream.
        api_secret: SecretString,
    },
    /// One message for each event, by Standard Webhooks, to the address itself.
    Webhook {
        /// What messages are signed with; nothing leaves them unsigned.
        secret: Option<WebhookSecret>,
    },
}

/// Whether those who act agreed that a sink knows who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// They did: their ids are sent.
    Granted,
    /// They did not: each is a pseudonym that is another at each sink, and the sink is told so in its own words.
    Denied,
}

/// Sinks that cannot be told anything as they are described.
#[derive(Debug, thiserror::Error)]
pub enum AnalyticsConfigError {
    /// No client for HTTP can be made.
    #[error("the HTTP client cannot be made")]
    HttpClient(#[source] reqwest::Error),
    /// A key holds characters that no header takes.
    #[error("the key of the sink {name:?} holds characters that cannot be sent: enter it again")]
    InvalidKey {
        /// The sink.
        name: String,
    },
    /// An address cannot be gone on from.
    #[error("the address of the sink {name:?} cannot be used: give one such as https://api.segment.io")]
    InvalidUrl {
        /// The sink.
        name: String,
    },
}
