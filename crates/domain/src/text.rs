//! Text that a person typed: trimmed, never empty, bounded, free of control characters.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Violation;

/// One line of 1 to `MAX` characters (Unicode code points). Line breaks and tabs become spaces, so that what was written
/// in several lines is still taken.
///
/// ```
/// use adstead_domain::Text;
///
/// let name: Text<10> = " Spring ".parse().unwrap();
/// assert_eq!(name.as_str(), "Spring");
/// assert_eq!("a\r\nb".parse::<Text<10>>().unwrap().as_str(), "a b");
/// assert!("a\u{0}b".parse::<Text<10>>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> FromStr for Text<MAX> {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().replace("\r\n", " ").replace(['\n', '\r', '\t'], " ");
        let length = text.chars().count();
        if length == 0 {
            return Err(Violation::invalid(format!("the text is empty: write 1 to {MAX} characters")));
        }
        if length > MAX {
            return Err(Violation::invalid(format!(
                "the text is {length} characters long, {MAX} are allowed: shorten it"
            )));
        }
        if text.chars().any(char::is_control) {
            return Err(Violation::invalid("the text holds control characters such as NUL: remove them"));
        }
        Ok(Self(text))
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

impl<const MAX: usize> AsRef<str> for Text<MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
