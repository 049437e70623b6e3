use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use secrecy::SecretString;

use crate::external::ServicePolicy;
use crate::external::words::origin;

/// Who may write ad copy.
#[derive(Debug, Clone)]
pub struct AiConfig {
    /// The providers in the order in which they are asked: [`OFFLINE`](super::OFFLINE) or names of `providers`. Those that
    /// stand together are asked in turns, each as often as its weight says, and stand in for one another.
    pub order: Vec<Vec<String>>,
    /// The servers that may be asked, by name.
    pub providers: BTreeMap<String, ProviderConfig>,
    /// What an account may spend in a day, in micros of a US dollar, where it may not spend as much as it likes. It is kept
    /// where there is a ledger to keep it in, [`AiProviderService::with_ledger`](super::AiProviderService::with_ledger).
    pub spend_per_day_micros: Option<u64>,
}

/// A server that speaks OpenAI's chat API.
#[derive(Clone)]
pub struct ProviderConfig {
    /// The API's address, up to and including the version, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model, as the server names it.
    pub model: String,
    /// The bearer token, where the server asks for one.
    pub api_key: Option<SecretString>,
    /// How often it is asked first, compared with those that it stands together with.
    pub weight: NonZeroU32,
    /// What calls to it are held to.
    pub policy: ServicePolicy,
    /// What it takes for tokens; nothing where nobody knows, so that the cost of an answer is not known either.
    pub prices: Option<Prices>,
    /// The tokens that one answer may have.
    pub max_output_tokens: u32,
    /// Whether the server honours a JSON schema. If not, the schema is described in the prompt.
    pub json_schema: bool,
}

impl fmt::Debug for ProviderConfig {
    /// Of the address, what holds no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base_url, model, api_key, weight, policy, prices, max_output_tokens, json_schema } = self;
        f.debug_struct("ProviderConfig")
            .field("base_url", &origin(base_url))
            .field("model", model)
            .field("api_key", api_key)
            .field("weight", weight)
            .field("policy", policy)
            .field("prices", prices)
            .field("max_output_tokens", max_output_tokens)
            .field("json_schema", json_schema)
            .finish()
    }
}

/// What a provider takes for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// For a million tokens read, in micros of a US dollar.
    pub input_micros_per_million: u64,
    /// For a million tokens written, in micros of a US dollar.
    pub output_micros_per_million: u64,
}

impl Prices {
    /// What so many tokens cost, in micros of a US dollar. Rounded up: what was paid for is never free.
    pub fn cost(self, input_tokens: u64, output_tokens: u64) -> i64 {
        let input = u128::from(input_tokens) * u128::from(self.input_micros_per_million);
        let output = u128::from(output_tokens) * u128::from(self.output_micros_per_million);
        i64::try_from((input + output).div_ceil(1_000_000)).unwrap_or(i64::MAX)
    }

    /// Whether the provider asks for nothing.
    pub(super) fn are_free(self) -> bool {
        self.input_micros_per_million == 0 && self.output_micros_per_million == 0
    }
}

/// What is wrong with an [`AiConfig`].
#[derive(Debug, thiserror::Error)]
pub enum AiConfigError {
    /// Nobody would be asked.
    #[error("ai.order names no provider")]
    NoProvider,
    /// A name stands for nothing.
    #[error("ai.order names {name:?}, which is none of {}", .known.join(", "))]
    UnknownProvider {
        /// The name.
        name: String,
        /// The names that stand for something.
        known: Vec<String>,
    },
    /// What a call costs must be known where no more than so much may be spent.
    #[error(
        "ai.spend_per_day_micros cannot be kept with the provider {name:?}, whose prices nobody knows: set \
         ai.providers.{name}.input_price_micros_per_million and output_price_micros_per_million, 0 for a server of your own"
    )]
    UnknownPrice {
        /// The provider's name.
        name: String,
    },
    /// A name is taken.
    #[error(
        "ai.providers.{name} cannot be described: the name belongs to a service that is built in; choose another one"
    )]
    ReservedName {
        /// The name.
        name: String,
    },
    /// A key holds characters that cannot be sent.
    #[error("ai.providers.{name}.api_key holds characters that no HTTP header can carry")]
    InvalidKey {
        /// The provider's name.
        name: String,
    },
    /// The HTTP client cannot be made.
    #[error("no HTTP client for ai.providers can be made")]
    HttpClient(#[source] reqwest::Error),
}
