//! Random numbers that are no secrets.

/// A share from 0 to 1, to spread what would happen at once.
#[expect(
    clippy::disallowed_methods,
    reason = "it only spreads times: no secret, and nothing that a test compares"
)]
pub(super) fn share() -> f64 {
    rand::random()
}

/// A number that nobody else has.
#[expect(
    clippy::disallowed_methods,
    reason = "it tells writes and nodes apart: no secret, and nothing that a test compares"
)]
pub(super) fn number() -> u64 {
    rand::random()
}
