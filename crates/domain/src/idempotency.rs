//! How a client names one call, so that it can be sent twice and is carried out once.

use std::fmt;
use std::str::FromStr;

use crate::{Sha256Digest, Violation};

/// What a client calls one call by, in 1 to 255 visible ASCII characters (the header `Idempotency-Key` of
/// draft-ietf-httpapi-idempotency-key-header). It is taken as it is written: case and quotes count.
///
/// ```
/// use adstead_domain::IdempotencyKey;
///
/// assert!("8e03978e-40d5-43dd-bc93-6894a57f9324".parse::<IdempotencyKey>().is_ok());
/// assert!("two words".parse::<IdempotencyKey>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in bytes.
    pub const MAX_LEN: usize = 255;

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored of it: of one length, and the same on engines that tell letters apart and on those that do not.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.0.as_bytes())
    }
}

impl FromStr for IdempotencyKey {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        let most = Self::MAX_LEN;
        Err(Violation::invalid(format!(
            "an idempotency key is 1 to {most} visible ASCII characters: send a new UUID for each new call"
        )))
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_some_length() {
        for text in ["a", "A-1_b.c:d/e", "\"quoted\"", &"k".repeat(255)] {
            assert_eq!(text.parse::<IdempotencyKey>().expect("a key").as_str(), text);
        }
        for text in ["", " ", "a b", "a\tb", "a\n", "ключ", "\u{7f}", &"k".repeat(256)] {
            assert!(text.parse::<IdempotencyKey>().is_err(), "{text:?}");
        }
    }
}
