//! Secrets with which Adstead signs what it hands out and wants to recognise.

use std::fmt;

use crate::port::Entropy;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What is signed. Each purpose has a key of its own, so that a signature of one is worth nothing for another.
    SigningPurpose, "a purpose of signing" {
        /// Where the next page of a list begins.
        Cursors = "cursors",
    }
}

/// A secret of 256 random bits that all nodes share. Its value is in no log and no output.
///
/// ```
/// use adstead_domain::SigningKey;
///
/// assert_eq!(format!("{:?}", SigningKey::new([7; 32])), "SigningKey(***)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey([u8; 32]);

impl SigningKey {
    /// The key that these bytes are.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// The secret itself, for whoever signs or stores it.
    pub const fn reveal(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}
