//! Optimistic locking: what was read is what is overwritten, or nothing is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Counts the changes of a stored thing, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(u32);

impl Version {
    /// The version of a thing that was just made.
    pub const FIRST: Self = Self(1);

    /// The version that this number stands for.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The version after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The bare number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
