use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::FileTag;
use crate::id::shortened;
use crate::{ContentType, Violation};

/// How a file is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// Its size in bytes, where it is known beforehand: stores can plan with it, and see to it that nothing is missing.
    pub size_bytes: Option<u64>,
    /// Its media type.
    pub content_type: Option<MediaType>,
    /// What else is to be known of it.
    pub metadata: FileMetadata,
    /// What must hold for it to be stored.
    pub condition: Precondition,
}

/// What must hold of a key for a file to be stored under it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing: what is there is replaced.
    #[default]
    None,
    /// It holds no file.
    Absent,
    /// It holds the file of this tag.
    Matches(FileTag),
}

/// A media type as `type/subtype` in lower case (RFC 6838, section 4.2), without parameters.
///
/// ```
/// use adstead_domain::port::MediaType;
///
/// # fn main() -> Result<(), adstead_domain::Violation> {
/// let media_type: MediaType = "Text/CSV; charset=utf-8".parse()?;
/// assert_eq!(media_type.as_str(), "text/csv");
/// assert!("csv".parse::<MediaType>().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaType(String);

impl MediaType {
    /// The media type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MediaType {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_name = |name: &str| {
            name.len() <= 127
                && name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
        };
        let essence = text.split(';').next().unwrap_or_default().trim();
        match essence.split_once('/') {
            Some((kind, subtype)) if is_name(kind) && is_name(subtype) => {
                Ok(Self(essence.to_ascii_lowercase()))
            }
            _ => Err(Violation::invalid(format!(
                "{:?} is no media type: use one such as image/png",
                shortened(text)
            ))),
        }
    }
}

impl From<ContentType> for MediaType {
    fn from(content_type: ContentType) -> Self {
        Self(content_type.as_str().to_owned())
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Pairs of a name and a value that are kept with a file. A name has 1 to 64 of `a–z 0–9 -` and begins with a letter, a
/// value is printable ASCII without spaces at its ends; all together take at most 2,000 bytes, which S3 (2 KB) and file
/// systems (ext4, 4 KiB with what else they keep there) have room for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileMetadata(BTreeMap<String, String>);

impl FileMetadata {
    /// The most that all names and values may have together, in bytes.
    pub const MAX_BYTES: usize = 2_000;

    /// The pairs, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn bytes(&self) -> usize {
        self.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

impl<N: Into<String>, V: Into<String>> TryFrom<Vec<(N, V)>> for FileMetadata {
    type Error = Violation;

    fn try_from(pairs: Vec<(N, V)>) -> Result<Self, Self::Error> {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value.into()));
        let metadata = Self(pairs.collect());
        for (name, value) in metadata.iter() {
            let is_name = (1..=64).contains(&name.len())
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            if !is_name {
                let name = shortened(name);
                return Err(Violation::invalid(format!(
                    "{name:?} is no name of metadata: use 1 to 64 of a-z, 0-9 and '-', a letter first"
                )));
            }
            if value.trim() != value || !value.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
                return Err(Violation::invalid(format!(
                    "the value of the metadata {name:?} is not printable ASCII, or begins or ends with a space"
                )));
            }
        }
        let bytes = metadata.bytes();
        if bytes > Self::MAX_BYTES {
            let most = Self::MAX_BYTES;
            return Err(Violation::invalid(format!("the metadata takes {bytes} bytes, {most} at most")));
        }
        Ok(metadata)
    }
}
