//! From JSON to values of the domain, with every fault found at once.
//!
//! A DTO is a struct of [`Field`]s, each kept as it was written. Reading it takes each field to the domain's own
//! parser and notes what is wrong at its JSON pointer: a field that is missing, of the wrong type, against a rule, or
//! not known at all never hides the next one.

mod body;
mod object;
mod query;
mod value;

use std::marker::PhantomData;

use adstead_domain::{Violation, Violations};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

pub(crate) use body::{Input, InputOrNothing, collected, malformed_json, media_type, require_json};
pub(crate) use object::{object, pointer};
pub(crate) use query::{Params, pairs};
pub(crate) use value::{Instant, List, excerpt, wrong_type};

/// A shape in which a client writes something.
pub(crate) trait FromJson {
    /// What it stands for.
    type Value;

    /// What `json` stands for.
    ///
    /// # Errors
    /// All faults at once, each at its JSON pointer.
    fn from_json(json: Value) -> Result<Self::Value, Violations>;
}

/// A field of an object as it was written, if it was.
pub(crate) struct Field<T> {
    written: Option<Value>,
    shape: PhantomData<T>,
}

impl<T: FromJson> Field<T> {
    /// The value of a field that must be there.
    pub(crate) fn required(self) -> Result<T::Value, Violations> {
        match self.written {
            Some(Value::Null) | None => Err(Violation::invalid("is missing: this field is required").into()),
            Some(json) => T::from_json(json),
        }
    }

    /// The value of a field that may be left out, or be `null`.
    pub(crate) fn optional(self) -> Result<Option<T::Value>, Violations> {
        match self.written {
            Some(Value::Null) | None => Ok(None),
            Some(json) => T::from_json(json).map(Some),
        }
    }

    /// The new value of a field that stays as it is where it is left out.
    pub(crate) fn changed(self) -> Result<Option<T::Value>, Violations> {
        match self.written {
            None => Ok(None),
            Some(Value::Null) => {
                Err(Violation::invalid("cannot be null: leave the field out to keep its value").into())
            }
            Some(json) => T::from_json(json).map(Some),
        }
    }

    /// The new value of a field that stays as it is where it is left out, and is cleared by `null`.
    pub(crate) fn changed_or_cleared(self) -> Result<Option<Option<T::Value>>, Violations> {
        match self.written {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(json) => T::from_json(json).map(|value| Some(Some(value))),
        }
    }
}

// An absent field reads as `None`, and `null` as `Some(Null)`: see `object`.
impl<'de, T> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|written| Self { written, shape: PhantomData })
    }
}

#[cfg(test)]
mod tests;
