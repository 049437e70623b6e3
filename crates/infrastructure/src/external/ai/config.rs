use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

/// Who may write ad copy.
#[derive(Debug, Clone)]
pub struct AiConfig {
    /// The providers in the order in which they are asked: [`OFFLINE`](super::OFFLINE) or names of `providers`.
    pub order: Vec<String>,
    /// The servers that may be asked, by name.
    pub providers: BTreeMap<String, ProviderConfig>,
}

/// A server that speaks OpenAI's chat API.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// The API's address, up to and including the version, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model, as the server names it.
    pub model: String,
    /// The bearer token, where the server asks for one.
    pub api_key: Option<SecretString>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Attempts after the first that failed for a passing reason.
    pub retries: u32,
    /// The price of a million tokens read, in micros of a US dollar.
    pub input_price_micros_per_million: u64,
    /// The price of a million tokens written, in micros of a US dollar.
    pub output_price_micros_per_million: u64,
    /// The tokens that one answer may have.
    pub max_output_tokens: u32,
    /// Whether the server honours a JSON schema. If not, the schema is described in the prompt.
    pub json_schema: bool,
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
    /// A name is taken.
    #[error("ai.providers.{} cannot be described: the name belongs to the built-in writer", super::OFFLINE)]
    ReservedName,
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
