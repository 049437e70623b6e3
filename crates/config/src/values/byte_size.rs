use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::{InvalidValue, from_text};

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// A number of bytes, written as `512KiB`, `20MiB` or `1GiB` (IEC 80000-13: powers of 1,024).
///
/// ```
/// use adstead_config::ByteSize;
///
/// let size: ByteSize = "20MiB".parse()?;
/// assert_eq!(size.bytes(), 20 * 1024 * 1024);
/// assert_eq!(size.to_string(), "20MiB");
/// # Ok::<(), adstead_config::InvalidValue>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(u64);

impl ByteSize {
    /// That many bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    pub(crate) const fn kib(count: u64) -> Self {
        Self(count << 10)
    }

    pub(crate) const fn mib(count: u64) -> Self {
        Self(count << 20)
    }

    pub(crate) const fn gib(count: u64) -> Self {
        Self(count << 30)
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidValue::new("a size such as 512KiB, 20MiB or 1GiB", text);
        let (count, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).ok_or_else(invalid)?);
        let (_, bytes) =
            UNITS.into_iter().find(|(name, _)| *name == unit.trim_start()).ok_or_else(invalid)?;
        let count: u64 = count.parse().map_err(|_| invalid())?;
        count.checked_mul(bytes).map(Self).ok_or_else(invalid)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.into_iter().find(|(_, bytes)| self.0 >= *bytes && self.0.is_multiple_of(*bytes));
        let (unit, bytes) = whole.unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / bytes)
    }
}

impl fmt::Debug for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ByteSize({self})")
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, bytes: u64) {
        assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
    }

    #[test]
    fn sizes_are_read_in_powers_of_1024() {
        check("0B", 0);
        check("512KiB", 512 * 1024);
        check("20 MiB", 20 * 1024 * 1024);
        check("1GiB", 1024 * 1024 * 1024);
    }

    #[test]
    fn a_size_without_a_known_unit_is_refused() {
        for text in ["", "20", "MiB", "20MB", "-1B", "1.5MiB", "99999999999999GiB"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
        assert_eq!(
            "20MB".parse::<ByteSize>().unwrap_err().to_string(),
            "expected a size such as 512KiB, 20MiB or 1GiB, found `20MB`"
        );
    }

    proptest! {
        #[test]
        fn a_shown_size_reads_back(bytes: u64) {
            let size = ByteSize(bytes);
            prop_assert_eq!(size.to_string().parse(), Ok(size));
        }
    }
}
