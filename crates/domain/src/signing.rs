//! Secrets with which Adstead signs what it hands out and wants to recognise.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::port::Entropy;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What is signed. Each purpose has a key of its own, so that a signature of one is worth nothing for another.
    SigningPurpose, "a purpose of signing" {
        /// Where the next page of a list begins.
        Cursors = "cursors",
        /// Leave to read or to store one file.
        Files = "files",
        /// What was agreed on of an upload that goes past us.
        Uploads = "uploads",
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

    /// `payload` as one word of URL-safe base64 (RFC 4648, section 5), signed by HMAC-SHA256 (RFC 2104). Anybody can read
    /// it, and nobody without the key can make or change one.
    ///
    /// ```
    /// use adstead_domain::SigningKey;
    ///
    /// let key = SigningKey::new([7; 32]);
    /// let sealed = key.seal("read hero.png");
    /// assert_eq!(key.open(&sealed).as_deref(), Some("read hero.png"));
    /// assert_eq!(SigningKey::new([8; 32]).open(&sealed), None);
    /// ```
    pub fn seal(&self, payload: &str) -> String {
        let tag = self.signature(payload).finalize().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode([&tag[..Self::TAG], payload.as_bytes()].concat())
    }

    /// What [`seal`](Self::seal) sealed; nothing where somebody else did, or nobody.
    pub fn open(&self, sealed: &str) -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (tag, payload) = bytes.split_at_checked(Self::TAG)?;
        let payload = std::str::from_utf8(payload).ok()?;
        self.signature(payload).verify_truncated_left(tag).ok()?;
        Some(payload.to_owned())
    }

    /// A forger guesses once in 2¹²⁸ times; half of the digest is what RFC 2104, section 5, asks for at least.
    const TAG: usize = 16;

    fn signature(&self, payload: &str) -> Hmac<Sha256> {
        let mut signature = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        signature.update(payload.as_bytes());
        signature
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
