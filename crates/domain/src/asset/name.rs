use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Violation;
use crate::id::shortened;

/// What people call an asset: a file name without folders, 1–200 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AssetName(String);

impl AssetName {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 200;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AssetName {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        let refuse = |why: &str| {
            Err(Violation::invalid(format!(
                "the file name {:?} {why}: use a plain name of 1 to {} characters, such as hero.png",
                shortened(name),
                Self::MAX_CHARS
            )))
        };
        let directs = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if name.is_empty() {
            refuse("is empty")
        } else if name.chars().count() > Self::MAX_CHARS {
            refuse("is too long")
        } else if name.contains(['/', '\\']) || name == "." || name == ".." {
            refuse("holds a path")
        } else if name.chars().any(|c| c.is_control() || directs(c)) {
            refuse("holds control characters")
        } else {
            Ok(Self(name.to_owned()))
        }
    }
}

impl TryFrom<String> for AssetName {
    type Error = Violation;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<AssetName> for String {
    fn from(name: AssetName) -> Self {
        name.0
    }
}

impl fmt::Display for AssetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
