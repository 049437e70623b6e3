use std::fmt;

use serde::Serialize;

/// One thing that is wrong with the settings. `Display` is one line: where, which key, what and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where it stands: `config/local.toml:3`, or the variable's name.
    pub origin: String,
    /// The dotted key, such as `api.bind`; absent where a whole file or folder is at fault.
    pub key: Option<String>,
    /// What is wrong and what to do. Never holds a secret.
    pub message: String,
}

impl Fault {
    pub(crate) fn of_key(origin: &str, key: &str, message: impl Into<String>) -> Self {
        Self { origin: origin.to_owned(), key: Some(key.to_owned()), message: message.into() }
    }

    /// A fault of a whole source, whose settings are therefore not known.
    pub(crate) fn of_source(origin: impl Into<String>, message: impl Into<String>) -> Self {
        Self { origin: origin.into(), key: None, message: message.into() }
    }

    /// The file or variable, and the line.
    fn place(&self) -> (&str, usize) {
        let Some((file, rest)) = self.origin.split_once(".toml:") else { return (&self.origin, 0) };
        let line = rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|line| line.parse().ok());
        (file, line.unwrap_or(0))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{}: {key}: {}", self.origin, self.message),
            None => write!(f, "{}: {}", self.origin, self.message),
        }
    }
}

/// Every fault of the settings, variable by variable and file by file, each from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    /// At least one.
    pub faults: Vec<Fault>,
}

impl SettingsError {
    pub(crate) fn new(mut faults: Vec<Fault>) -> Self {
        faults.sort_by(|one, other| (one.place(), &one.key).cmp(&(other.place(), &other.key)));
        Self { faults }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.len() {
            1 => write!(f, "the settings have a fault:")?,
            count => write!(f, "the settings have {count} faults:")?,
        }
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}
