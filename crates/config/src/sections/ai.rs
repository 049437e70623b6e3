use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::{check_rates, minutes, ms, secs};
use crate::check::Check;
use crate::nearest::did_you_mean;
use crate::values::{HttpUrl, duration, number_if_known, optional_secret};

/// The built-in writer, which is always known and takes no settings.
pub const OFFLINE_PROVIDER: &str = "offline";

/// The most that a price may be: 1,000 US dollars for a million tokens.
const MAX_PRICE_MICROS: u64 = 1_000_000_000;

/// The most that may be set as the limit of a day's spending: 1,000 US dollars.
const MAX_SPEND_MICROS: u64 = 1_000_000_000;

/// `[ai]`: who writes ad copy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AiSettings {
    /// Providers in the order they are tried: [`OFFLINE_PROVIDER`] or names of
    /// [`providers`](Self::providers); those of one entry, parted by `|`, are tried in turns.
    pub order: Vec<String>,
    /// How long one generation may take, every attempt and repair included, 1 s to 10 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub deadline: Duration,
    /// What an account may spend in a day, in micros of a US dollar, up to 1,000 dollars; 0 for as much as it likes.
    pub spend_per_day_micros: u64,
    /// How long an answer is given again for the same brief, up to 30 d; zero for never.
    #[serde(deserialize_with = "duration::deserialize")]
    pub cache_ttl: Duration,
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
    /// How long one attempt may take, or the first word of an answer that is streamed and each after it, 100 ms to 10 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
    /// Attempts after the first that failed, up to 10.
    pub retries: u32,
    /// How often it is tried first among those of its entry of the order, 1 to 1,000.
    pub weight: u32,
    /// Calls that may be under way at once, 1 to 10,000.
    pub concurrency: u32,
    /// Attempts a minute that may be made, up to 1,000,000; 0 for as many as there are.
    pub requests_per_minute: u32,
    /// Price of a million input tokens, in micros of a US dollar, where it is known.
    #[serde(deserialize_with = "number_if_known")]
    pub input_price_micros_per_million: Option<u64>,
    /// Price of a million output tokens, in micros of a US dollar, where it is known.
    #[serde(deserialize_with = "number_if_known")]
    pub output_price_micros_per_million: Option<u64>,
    /// Tokens that one answer may have, 1 to 1,000,000.
    pub max_output_tokens: u32,
    /// Whether the server honours a JSON schema.
    pub json_schema: bool,
}

impl AiSettings {
    /// The providers of each entry of the order.
    pub fn groups(&self) -> Vec<Vec<String>> {
        let names = |entry: &String| entry.split('|').map(|name| name.trim().to_owned()).collect();
        self.order.iter().map(names).collect()
    }

    /// What an account may spend in a day, where there is a limit.
    pub fn spending_limit(&self) -> Option<u64> {
        Some(self.spend_per_day_micros).filter(|limit| *limit > 0)
    }

    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        self.validate_order(check);
        check.within("ai.deadline", self.deadline, secs(1)..=minutes(10));
        check.within("ai.spend_per_day_micros", self.spend_per_day_micros, 0..=MAX_SPEND_MICROS);
        check.within("ai.cache_ttl", self.cache_ttl, Duration::ZERO..=secs(30 * 86_400));
        for (name, provider) in &self.providers {
            let section = format!("ai.providers.{name}");
            provider.validate(&section, check);
            if self.spending_limit().is_some() && provider.input_price_micros_per_million.is_none() {
                let why = "ai.spend_per_day_micros cannot be kept where prices are not known; set both, or 0 for a server \
                           of your own";
                check.fault(&format!("{section}.input_price_micros_per_million"), why);
            }
        }
    }

    fn validate_order(&self, check: &mut Check<'_>) {
        let known: Vec<&str> = self.providers.keys().map(String::as_str).chain([OFFLINE_PROVIDER]).collect();
        let mut seen = BTreeSet::new();
        if self.order.is_empty() {
            check.fault("ai.order", "no provider is named, so nobody could write; name one, such as offline");
        }
        for name in self.groups().iter().flatten() {
            if !known.contains(&name.as_str()) {
                let hint = did_you_mean(name, &known)
                    .unwrap_or_else(|| format!("describe it under [ai.providers.{name}] or take it out"));
                check.fault("ai.order", format!("`{name}` is not a provider; {hint}"));
            } else if !seen.insert(name.clone()) {
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
        check.within(&key("weight"), self.weight, 1..=1_000);
        check_rates(section, self.concurrency, self.requests_per_minute, check);
        let prices = [
            ("input_price_micros_per_million", self.input_price_micros_per_million),
            ("output_price_micros_per_million", self.output_price_micros_per_million),
        ];
        for (name, price) in prices {
            check.within(&key(name), price.unwrap_or_default(), 0..=MAX_PRICE_MICROS);
        }
        if self.input_price_micros_per_million.is_some() != self.output_price_micros_per_million.is_some() {
            let why =
                "one price is known and the other is not, so no cost can be told: give both, or neither";
            check.fault(&key("output_price_micros_per_million"), why);
        }
        check.within(&key("max_output_tokens"), self.max_output_tokens, 1..=1_000_000);
    }
}
