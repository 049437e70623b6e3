use std::ops::RangeInclusive;
use std::time::Duration;

use crate::effective::Effective;
use crate::fault::Fault;
use crate::values::{ByteSize, duration};

/// Collects what the sections find wrong with their values, each with the place it was set.
pub(crate) struct Check<'a> {
    effective: &'a Effective,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Check<'a> {
    pub(crate) fn new(effective: &'a Effective, faults: &'a mut Vec<Fault>) -> Self {
        Self { effective, faults }
    }

    pub(crate) fn fault(&mut self, key: &str, message: impl Into<String>) {
        self.faults.push(Fault::of_key(self.effective.origin(key), key, message));
    }

    /// A value outside its range is a fault. `default.toml` documents the range in the same words.
    pub(crate) fn within<T>(&mut self, key: &str, value: T, range: RangeInclusive<T>)
    where
        T: Copy + PartialOrd + Readable,
    {
        if !range.contains(&value) {
            let (low, high) = (range.start().readable(), range.end().readable());
            self.fault(key, format!("expected {low} to {high}, found {}", value.readable()));
        }
    }
}

/// A value as a settings file writes it.
pub(crate) trait Readable {
    fn readable(&self) -> String;
}

impl Readable for u32 {
    fn readable(&self) -> String {
        self.to_string()
    }
}

impl Readable for u64 {
    fn readable(&self) -> String {
        self.to_string()
    }
}

impl Readable for ByteSize {
    fn readable(&self) -> String {
        self.to_string()
    }
}

impl Readable for Duration {
    fn readable(&self) -> String {
        duration::show(*self)
    }
}
