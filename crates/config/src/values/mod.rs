//! What values are written as: durations, sizes, addresses, secrets. Each is parsed once, here.

mod byte_size;
pub(crate) mod duration;
mod url;

pub use self::byte_size::ByteSize;
pub use self::url::{DatabaseUrl, HttpUrl, RedisUrl};

pub(crate) use self::url::mask_password;

use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::known::UNKNOWN;

/// A value that is not what its key takes: what was expected, and what stood there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct InvalidValue {
    expected: &'static str,
    found: String,
}

impl InvalidValue {
    pub(crate) fn new(expected: &'static str, text: &str) -> Self {
        let found = if text.is_empty() { "nothing".to_owned() } else { format!("`{text}`") };
        Self { expected, found }
    }
}

/// Reads a text through the type's own parser.
pub(crate) fn from_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// Reads an address and port.
pub(crate) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    const EXPECTED: &str = "an IP address and port such as 127.0.0.1:8080 or [::]:8080";
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| D::Error::custom(InvalidValue::new(EXPECTED, &text)))
}

/// Reads a secret; the empty text stands for none.
pub(crate) fn optional_secret<'de, D>(deserializer: D) -> Result<Option<SecretString>, D::Error>
where
    D: Deserializer<'de>,
{
    let secret = SecretString::deserialize(deserializer)?;
    Ok(if secret.expose_secret().is_empty() { None } else { Some(secret) })
}

/// Reads a number, or the word for none.
pub(crate) fn number_if_known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Known {
        Number(u64),
        Word(String),
    }

    match Known::deserialize(deserializer)? {
        Known::Number(number) => Ok(Some(number)),
        Known::Word(word) if word == UNKNOWN => Ok(None),
        Known::Word(word) => {
            Err(D::Error::custom(InvalidValue::new("a whole number, 0 or more, or \"unknown\"", &word)))
        }
    }
}

/// Reads a text; one word stands for none.
pub(crate) fn unless<'de, D: Deserializer<'de>>(
    deserializer: D,
    word: &str,
) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok((text != word).then_some(text))
}

/// Reads a text; `none` stands for none.
pub(crate) fn unless_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    unless(deserializer, "none")
}

/// Reads an address of HTTP; one word stands for none.
pub(crate) fn http_url_unless<'de, D: Deserializer<'de>>(
    deserializer: D,
    word: &str,
) -> Result<Option<HttpUrl>, D::Error> {
    let text = unless(deserializer, word)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}
