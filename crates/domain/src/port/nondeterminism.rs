//! The three things that a test must be able to decide: time, ids and secrets.

use jiff::Timestamp;
use uuid::Uuid;

/// Tells the time.
///
/// # Contract
/// - `now` MUST NOT be earlier than what it answered before by more than the system's own clock is set back.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// Makes ids.
///
/// # Contract
/// - Each id MUST be new.
/// - Ids MUST sort, as bytes, by the millisecond in which they were made (UUIDv7, RFC 9562), so that the newest of a
///   list is the greatest of its ids.
pub trait IdGenerator: Send + Sync {
    /// A new id.
    fn next(&self) -> Uuid;
}

/// Makes secrets.
///
/// # Contract
/// - The bytes MUST be fit for keys: from the operating system or a generator that it seeds.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}
