use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use adstead_domain::Violation;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

/// Names an [`EncryptionKey`] in the files that it encrypts: 1 to 32 of `a–z 0–9 -`. It is no secret.
///
/// ```
/// use adstead_infrastructure::storage::EncryptionKeyId;
///
/// assert!("2026-03".parse::<EncryptionKeyId>().is_ok());
/// assert!("March".parse::<EncryptionKeyId>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EncryptionKeyId(String);

impl EncryptionKeyId {
    pub(super) const MAX_BYTES: usize = 32;

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EncryptionKeyId {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=Self::MAX_BYTES).contains(&text.len()) && text.bytes().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        let most = Self::MAX_BYTES;
        Err(Violation::invalid(format!(
            "the id of an encryption key must be 1 to {most} of a-z, 0-9 and '-'"
        )))
    }
}

impl fmt::Display for EncryptionKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key for XChaCha20-Poly1305. It is wiped from memory when it is dropped, and shows nothing of itself.
#[derive(Clone)]
pub struct EncryptionKey(pub(super) XChaCha20Poly1305);

impl EncryptionKey {
    /// The key of these 32 bytes, which must be fit for one: random, and known to nobody.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(bytes.into()))
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionKey(…)")
    }
}

/// The keys that files are encrypted with: the active one, which new files are written under, and those of older files.
#[derive(Debug, Clone)]
pub struct EncryptionKeys {
    active: Option<EncryptionKeyId>,
    known: BTreeMap<EncryptionKeyId, EncryptionKey>,
}

impl EncryptionKeys {
    /// These keys. With no `active` one, files are written as they are.
    ///
    /// # Errors
    /// Where the active key is not among the known ones, or two have the same id.
    pub fn new(
        active: Option<EncryptionKeyId>,
        known: impl IntoIterator<Item = (EncryptionKeyId, EncryptionKey)>,
    ) -> Result<Self, Violation> {
        let mut keys = Self { active, known: BTreeMap::new() };
        for (id, key) in known {
            if keys.known.contains_key(&id) {
                return Err(Violation::invalid(format!(
                    "two encryption keys have the id {id}: give each its own"
                )));
            }
            keys.known.insert(id, key);
        }
        match &keys.active {
            Some(id) if !keys.known.contains_key(id) => Err(Violation::invalid(format!(
                "the active encryption key {id} is not among the known ones: add it, or name another"
            ))),
            _ => Ok(keys),
        }
    }

    pub(super) fn active(&self) -> Option<(&EncryptionKeyId, &EncryptionKey)> {
        let id = self.active.as_ref()?;
        self.known.get_key_value(id)
    }

    pub(super) fn get(&self, id: &EncryptionKeyId) -> Option<&EncryptionKey> {
        self.known.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> EncryptionKeyId {
        text.parse().expect("a valid id")
    }

    #[test]
    fn an_id_has_few_letters() {
        for text in ["", "A", "a_b", "schlüssel", &"a".repeat(33)] {
            assert!(text.parse::<EncryptionKeyId>().is_err(), "{text:?}");
        }
        assert_eq!(id(&"a".repeat(32)).as_str().len(), 32);
    }

    #[test]
    fn keys_are_told_apart_and_the_active_one_is_known() {
        let key = || EncryptionKey::new(&[7; 32]);
        assert!(EncryptionKeys::new(None, []).expect("no key at all").active().is_none());
        assert!(EncryptionKeys::new(Some(id("a")), [(id("b"), key())]).is_err());
        assert!(EncryptionKeys::new(Some(id("a")), [(id("a"), key()), (id("a"), key())]).is_err());
        assert!(EncryptionKeys::new(Some(id("a")), [(id("a"), key()), (id("b"), key())]).is_ok());
    }

    #[test]
    fn a_key_shows_nothing_of_itself() {
        let keys = EncryptionKeys::new(Some(id("a")), [(id("a"), EncryptionKey::new(&[171; 32]))]);
        let shown = format!("{keys:?}");
        assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab, "), "{shown}");
    }
}
