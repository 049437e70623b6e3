use std::fmt;
use std::str::FromStr;

use crate::Violation;

/// Names a file in a store: segments of `a–z 0–9 . _ -` joined by `/`, none empty or starting with a dot.
///
/// ```
/// use adstead_domain::port::FileKey;
///
/// assert!("assets/0199/7f2c".parse::<FileKey>().is_ok());
/// assert!("../secret".parse::<FileKey>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(String);

impl FileKey {
    /// The longest key, in bytes: well inside what file systems and S3 take.
    pub const MAX_LEN: usize = 512;
    const MAX_SEGMENT: usize = 128;

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this key has all the segments of `prefix`, and more behind them.
    ///
    /// ```
    /// use adstead_domain::port::FileKey;
    ///
    /// # fn main() -> Result<(), adstead_domain::Violation> {
    /// let key: FileKey = "assets/0199/7f2c".parse()?;
    /// assert!(key.is_below(&"assets/0199".parse()?));
    /// assert!(!key.is_below(&"assets/01".parse()?));
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_below(&self, prefix: &Self) -> bool {
        self.0.strip_prefix(&prefix.0).is_some_and(|rest| rest.starts_with('/'))
    }

    fn is_segment(segment: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        !segment.is_empty()
            && segment.len() <= Self::MAX_SEGMENT
            && !segment.starts_with('.')
            && segment.bytes().all(plain)
    }
}

impl FromStr for FileKey {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() <= Self::MAX_LEN && text.split('/').all(Self::is_segment) {
            return Ok(Self(text.to_owned()));
        }
        Err(Violation::invalid(format!(
            "{:?} is not a file key: use segments of a-z, 0-9, '.', '_' and '-' joined by '/', {} bytes at most",
            crate::id::shortened(text),
            Self::MAX_LEN
        )))
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
