//! What a rule says when it is broken: where, why, and what to do.

use std::fmt;

/// How a broken rule is to be understood by the one who broke it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationKind {
    /// The value itself can never be accepted: mend it and send it again.
    Invalid,
    /// The value is fine, but the present state of the thing forbids the step.
    State,
    /// The step is fine, but this person may not take it.
    Forbidden,
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Violation {
    kind: ViolationKind,
    pointer: String,
    message: String,
}

impl Violation {
    /// A value that can never be accepted.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ViolationKind::Invalid, message)
    }

    /// A step that the present state forbids.
    pub fn state(message: impl Into<String>) -> Self {
        Self::new(ViolationKind::State, message)
    }

    /// A step that this person may not take.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ViolationKind::Forbidden, message)
    }

    fn new(kind: ViolationKind, message: impl Into<String>) -> Self {
        Self { kind, pointer: String::new(), message: message.into() }
    }

    /// The same violation, seen from one level further out: `prefix` is a JSON pointer (RFC 6901), such as `/budget`.
    #[must_use]
    pub fn at(mut self, prefix: &str) -> Self {
        self.pointer.insert_str(0, prefix);
        self
    }

    /// How the violation is to be understood.
    pub fn kind(&self) -> ViolationKind {
        self.kind
    }

    /// Where it happened, as a JSON pointer (RFC 6901); empty for the whole.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What happened, why, and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The first five of `things` by name, and how many more there are: a message names what is in the way, not a thousand.
pub(crate) fn named(things: impl ExactSizeIterator<Item: fmt::Display>) -> String {
    const NAMED: usize = 5;
    let more = things.len().saturating_sub(NAMED);
    let mut names = things.take(NAMED).map(|thing| thing.to_string()).collect::<Vec<_>>().join(", ");
    if more > 0 {
        names.push_str(&format!(" and {more} more"));
    }
    names
}

/// All broken rules of one input, never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The broken rules, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    /// The gravest kind among them: who may not act need not be told what else is wrong.
    pub fn kind(&self) -> ViolationKind {
        let has = |kind| self.0.iter().any(|violation| violation.kind == kind);
        if has(ViolationKind::Forbidden) {
            ViolationKind::Forbidden
        } else if has(ViolationKind::Invalid) {
            ViolationKind::Invalid
        } else {
            ViolationKind::State
        }
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{violation}")?;
        }
        Ok(())
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Collects every fault of an input, so that its sender learns of all of them at once.
///
/// ```
/// use adstead_domain::{Faults, Violation};
///
/// let mut faults = Faults::default();
/// let age = faults.at("/age", "x".parse::<u8>().map_err(|e| Violation::invalid(e.to_string())));
/// let name = faults.at("/name", Ok::<_, Violation>("Ada"));
/// let parsed = faults.finish(|| Some((age?, name?)));
/// assert_eq!(parsed.unwrap_err().iter().next().unwrap().pointer(), "/age");
/// ```
///
/// Past [`Faults::MOST`] they are only counted: nobody reads more, and whoever sends a megabyte of faults gets no
/// megabytes back.
#[derive(Debug, Default)]
pub struct Faults {
    kept: Vec<Violation>,
    further: usize,
}

impl Faults {
    /// The most faults that are told one by one.
    pub const MOST: usize = 100;

    /// The value of a part that parsed; the faults of one that did not are kept under `pointer`.
    pub fn at<T>(&mut self, pointer: &str, parsed: Result<T, impl Into<Violations>>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(violations) => {
                for violation in violations.into() {
                    self.push(pointer, violation);
                }
                None
            }
        }
    }

    /// Notes a fault at `pointer`.
    pub fn push(&mut self, pointer: &str, violation: Violation) {
        if self.kept.len() < Self::MOST {
            self.kept.push(violation.at(pointer));
        } else {
            self.further += 1;
        }
    }

    /// Whether nothing was found so far.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Everything that was found, or `Ok` where that is nothing.
    ///
    /// # Errors
    /// All faults noted so far.
    pub fn into_result(self) -> Result<(), Violations> {
        let Self { mut kept, further } = self;
        if kept.is_empty() {
            return Ok(());
        }
        if further > 0 {
            kept.push(Violation::invalid(format!("there are {further} further faults: mend these first")));
        }
        Err(Violations(kept))
    }

    /// Builds the whole from its parts once no part is at fault.
    ///
    /// # Errors
    /// All faults noted so far.
    ///
    /// # Panics
    /// Where `build` yields nothing although no fault was noted: a part was lost without a word.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Violations> {
        self.into_result()?;
        Ok(build().expect("every part without a fault has a value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_a_hundred_faults_are_only_counted() {
        let mut faults = Faults::default();
        for index in 0..250 {
            faults.push(&format!("/{index}"), Violation::invalid("no"));
        }
        let violations: Vec<_> = faults.into_result().unwrap_err().into_iter().collect();
        assert_eq!(violations.len(), Faults::MOST + 1);
        assert_eq!(violations[100].message(), "there are 150 further faults: mend these first");
    }
}
