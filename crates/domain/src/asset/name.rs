use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::Violation;
use crate::id::shortened;

/// What people call an asset: a file name without folders, 1–200 characters in Unicode's composed form (NFC), that any
/// system can store and that shows what it is.
///
/// It holds none of the characters, and is none of the names, that Windows keeps for itself
/// (learn.microsoft.com/windows/win32/fileio/naming-a-file), and nothing that cannot be seen or that turns the direction of
/// text (Unicode Standard Annex 9, and Technical Report 36, "Bidirectional Text Spoofing").
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

    /// The name that comes closest to `text`, which somebody else than a person made up, such as a browser or a folder.
    ///
    /// ```
    /// use adstead_domain::AssetName;
    ///
    /// let name = AssetName::sanitised(r"C:\fakepath\Launch 10:30.png");
    /// assert_eq!(name.as_str(), "Launch 10-30.png");
    /// ```
    pub fn sanitised(text: &str) -> Self {
        let last = text.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
        let seen = last.chars().filter(|c| !is_unseen(*c));
        let kept: String = seen.map(|c| if KEPT_BY_WINDOWS.contains(&c) { '-' } else { c }).nfc().collect();
        // One character less, lest a name that is kept by Windows get too long.
        let short = shortened_before_extension(trimmed(&kept), Self::MAX_CHARS - 1);
        match trimmed(&short) {
            "" => Self("file".to_owned()),
            name if is_device(name) => Self(format!("_{name}")),
            name => Self(name.to_owned()),
        }
    }
}

/// The characters of which names may hold none in Windows.
const KEPT_BY_WINDOWS: [char; 7] = ['<', '>', ':', '"', '|', '?', '*'];

/// Whether a character shows nothing, or turns the text around it. Joiners are seen by what they join.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Whether Windows takes the name for a device.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_port = |kind| stem.strip_prefix(kind).is_some_and(is_port_number);
    ["CON", "PRN", "AUX", "NUL"].contains(&&*stem) || ["COM", "LPT"].into_iter().any(is_port)
}

fn is_port_number(text: &str) -> bool {
    let mut chars = text.chars();
    matches!((chars.next(), chars.next()), (Some('0'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}'), None))
}

/// `name` without the spaces around it and the dots at its end, which Windows drops.
fn trimmed(name: &str) -> &str {
    name.trim_start().trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

/// `name` in at most so many characters, of which its extension keeps its own where it is short.
fn shortened_before_extension(name: &str, most: usize) -> String {
    const EXTENSION: usize = 16;
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let dot = name.rfind('.').filter(|dot| name[*dot..].chars().count() <= EXTENSION).unwrap_or(name.len());
    let (stem, extension) = name.split_at(dot);
    stem.chars().take(most - extension.chars().count()).chain(extension.chars()).collect()
}

impl FromStr for AssetName {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name: String = text.trim().nfc().collect();
        let refuse = |why: &str| {
            Err(Violation::invalid(format!(
                "the file name {:?} {why}: use a plain name of 1 to {} characters, such as {:?}",
                shortened(&name),
                Self::MAX_CHARS,
                shortened(Self::sanitised(text).as_str())
            )))
        };
        if name.is_empty() {
            refuse("is empty")
        } else if name.chars().count() > Self::MAX_CHARS {
            refuse("is too long")
        } else if name.contains(['/', '\\']) || name == "." || name == ".." {
            refuse("holds a path")
        } else if name.chars().any(is_unseen) {
            refuse("holds control characters")
        } else if name.contains(KEPT_BY_WINDOWS) {
            refuse("holds characters that not every system can store")
        } else if trimmed(&name) != name || is_device(&name) {
            refuse("is one that not every system can store")
        } else {
            Ok(Self(name))
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
