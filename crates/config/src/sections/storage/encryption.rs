use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::check::Check;
use crate::values::optional_secret;

/// `[storage.encryption]`: files that cannot be read without a key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageEncryptionSettings {
    /// The name of the key that new files are encrypted with, or `none`.
    pub active: String,
    /// The keys, as `name:key` in lines or between commas.
    #[serde(deserialize_with = "optional_secret")]
    keys: Option<SecretString>,
}

impl StorageEncryptionSettings {
    /// The name of the key that new files are encrypted with, where they are.
    pub fn active(&self) -> Option<&str> {
        (self.active != "none").then_some(&*self.active)
    }

    /// The keys by their names.
    ///
    /// # Errors
    /// What is wrong with the text, without anything of a key.
    pub fn keys(&self) -> Result<BTreeMap<String, [u8; 32]>, String> {
        let text = self.keys.as_ref().map_or("", ExposeSecret::expose_secret);
        let mut keys = BTreeMap::new();
        let lines = text.split([',', '\n']).map(str::trim).filter(|line| !line.is_empty());
        for (index, line) in lines.enumerate() {
            let place = index + 1;
            let (name, key) = line
                .split_once(':')
                .ok_or_else(|| format!("entry {place} has no colon: write it as name:key"))?;
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if name.is_empty() || name.len() > 32 || !name.chars().all(is_name) {
                return Err(format!(
                    "entry {place} has no name of 1 to 32 of a-z, 0-9 and `-` before its colon"
                ));
            }
            let bytes = BASE64_STANDARD.decode(key.trim()).ok().and_then(|bytes| bytes.try_into().ok());
            let bytes = bytes.ok_or_else(|| {
                format!("the key `{name}` is not 32 bytes in base64: make one with `openssl rand -base64 32`")
            })?;
            if keys.insert(name.to_owned(), bytes).is_some() {
                return Err(format!(
                    "the key `{name}` is there twice: each name stands for one key, for ever"
                ));
            }
        }
        Ok(keys)
    }

    pub(super) fn validate(&self, check: &mut Check<'_>) {
        match (self.keys(), self.active()) {
            (Err(fault), _) => check.fault("storage.encryption.keys", fault),
            (Ok(keys), Some(active)) if !keys.contains_key(active) => {
                let message =
                    format!("`{active}` is no key of storage.encryption.keys: add it there, or name another");
                check.fault("storage.encryption.active", message);
            }
            (Ok(_), _) => {}
        }
    }
}
