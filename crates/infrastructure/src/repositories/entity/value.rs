//! How single values stand in a column.

use std::str::FromStr;

use adstead_domain::Version;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::database::DatabaseError;

/// Microseconds since the Unix epoch; finer parts of `instant` are cut off.
pub(in crate::repositories) fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

pub(in crate::repositories) fn instant(
    column: &'static str,
    micros: i64,
) -> Result<Timestamp, DatabaseError> {
    Timestamp::from_microsecond(micros).map_err(|error| DatabaseError::corrupt(column, error))
}

pub(in crate::repositories) fn parsed<T>(column: &'static str, text: &str) -> Result<T, DatabaseError>
where
    T: FromStr<Err: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    text.parse().map_err(|error: T::Err| DatabaseError::corrupt(column, error))
}

pub(in crate::repositories) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("a value object has text for keys and fails in no serializer")
}

pub(in crate::repositories) fn from_json<T: DeserializeOwned>(
    column: &'static str,
    text: &str,
) -> Result<T, DatabaseError> {
    serde_json::from_str(text).map_err(|error| DatabaseError::corrupt(column, error))
}

/// A count as a signed column holds it: no engine but MariaDB has unsigned ones. Nothing counts past 2⁶³.
pub(in crate::repositories) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(in crate::repositories) fn unsigned<T: TryFrom<i64, Error = std::num::TryFromIntError>>(
    column: &'static str,
    count: i64,
) -> Result<T, DatabaseError> {
    count.try_into().map_err(|error: T::Error| DatabaseError::corrupt(column, error))
}

pub(in crate::repositories) fn number(version: Version) -> i32 {
    version.number().cast_signed()
}

pub(in crate::repositories) fn version(number: i32) -> Version {
    Version::new(number.cast_unsigned())
}
