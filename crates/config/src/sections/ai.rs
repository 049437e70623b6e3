use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::{minutes, ms, secs};
use crate::check::Check;
use crate::nearest::did_you_mean;
use crate::values::{HttpUrl, duration, optional_secret};

/// The built-in writer, which is always known and takes no settings.
pub const OFFLINE_PROVIDER: &str = "offline";

/// The most that a price may be: 1,000 US dollars for a million tokens.
const MAX_PRICE_MICROS: u64 = 1_000_000_000;

/// `[ai]`: who writes ad copy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AiSettings {
    /// Providers in the order they are tried: [`OFFLINE_PROVIDER`] or names of
    /// [`providers`](Self::providers).
    pub order: Vec<String>,
    /// How long one generation may take, every attempt and repair included, 1 s to 10 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub deadline: Duration,
    /// The servers that may be asked, by name.
    #[serde(default)]
    pub providers: BTreeMap<String, ProviderSettings>,
}

/// `[ai.providers.NAME]`: a server that speaks OpenAI's chat API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// The API's address, up to and including the version.
    pub base_url: HttpUrl,
    /// The model's name at that server.
    pub model: String,
    /// The bearer token, where the server asks for one.
    #[serde(deserialize_with = "optional_secret")]
    pub api_key: Option<SecretString>,
    /// How long one attempt may take, 100 ms to 10 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
    /// Attempts after the first that failed, up to 10.
    pub retries: u32,
    /// Price of a million input tokens, in micros of a US dollar.
    pub input_price_micros_per_million: u64,
    /// Price of a million output tokens, in micros of a US dollar.
    pub output_price_micros_per_million: u64,
    /// Tokens that one answer may have, 1 to 1,000,000.
    pub max_output_tokens: u32,
    /// Whether the server honours a JSON schema.
    pub json_schema: bool,
}

impl AiSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        self.validate_order(check);
        check.within("ai.deadline", self.deadline, secs(1)..=minutes(10));
        for (name, provider) in &self.providers {
            provider.validate(&format!("ai.providers.{name}"), check);
        }
    }

    fn validate_order(&self, check: &mut Check<'_>) {
        let known: Vec<&str> = self.providers.keys().map(String::as_str).chain([OFFLINE_PROVIDER]).collect();
        let mut seen = BTreeSet::new();
        if self.order.is_empty() {
            check.fault("ai.order", "no provider is named, so nobody could write; name one, such as offline");
        }
        for name in &self.order {
            if !known.contains(&name.as_str()) {
                let hint = did_you_mean(name, &known)
                    .unwrap_or_else(|| format!("describe it under [ai.providers.{name}] or take it out"));
                check.fault("ai.order", format!("`{name}` is not a provider; {hint}"));
            } else if !seen.insert(name) {
                check.fault("ai.order", format!("`{name}` is named twice; keep one"));
            }
        }
    }
}

impl ProviderSettings {
    fn validate(&self, section: &str, check: &mut Check<'_>) {
        let key = |name: &str| format!("{section}.{name}");
        check.within(&key("timeout"), self.timeout, ms(100)..=minutes(10));
        check.within(&key("retries"), self.retries, 0..=10);
        check.within(
            &key("input_price_micros_per_million"),
            self.input_price_micros_per_million,
            0..=MAX_PRICE_MICROS,
        );
        check.within(
            &key("output_price_micros_per_million"),
            self.output_price_micros_per_million,
            0..=MAX_PRICE_MICROS,
        );
        check.within(&key("max_output_tokens"), self.max_output_tokens, 1..=1_000_000);
    }
}
