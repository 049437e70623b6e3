//! What an ad shows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::id::shortened;
use crate::{AssetId, Text, Violation};

/// What an ad shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdContent {
    /// Its words.
    pub copy: AdCopy,
    /// Where a click leads.
    pub final_url: FinalUrl,
    /// The files that it shows, in order.
    pub assets: Vec<AssetId>,
}

impl AdContent {
    /// The most files of one ad: a carousel has up to 35 cards (TikTok, "carousel ads"), more than elsewhere.
    pub const MAX_ASSETS: usize = 35;
}

/// The words of an ad. Which of the descriptions is a body text is told by the platform's limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdCopy {
    /// Its headlines.
    pub headlines: Vec<String>,
    /// Its descriptions.
    pub descriptions: Vec<String>,
    /// What the button says.
    pub call_to_action: Option<CallToAction>,
}

/// What the button says, such as `Shop now`.
pub type CallToAction = Text<40>;

/// Where a click leads: an absolute `https` or `http` URL of at most 2,048 characters (the limit of Google Ads' final
/// URLs) that holds no user name or password.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FinalUrl(String);

impl FinalUrl {
    /// The longest URL, in characters.
    pub const MAX_CHARS: usize = 2048;

    /// The URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FinalUrl {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let refuse = |why: &str| {
            let text = shortened(text);
            Err(Violation::invalid(format!(
                "{text:?} {why}: write a landing page such as https://example.com/spring"
            )))
        };
        let Ok(url) = Url::parse(text) else { return refuse("is not an absolute URL") };
        if !matches!(url.scheme(), "https" | "http") {
            refuse("is neither https nor http")
        } else if url.host_str().is_none_or(str::is_empty) {
            refuse("names no host")
        } else if !url.username().is_empty() || url.password().is_some() {
            refuse("holds a user name or a password")
        } else if text.chars().count() > Self::MAX_CHARS {
            refuse("is longer than 2,048 characters")
        } else if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            refuse("holds spaces or control characters")
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl fmt::Display for FinalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<FinalUrl> for String {
    fn from(url: FinalUrl) -> Self {
        url.0
    }
}

impl TryFrom<String> for FinalUrl {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
