//! The servers that the tests of a process share, and tests that cannot have one.

use std::borrow::Borrow;
use std::env;
use std::error::Error;
use std::io::{Write, stderr};
use std::sync::OnceLock;

use crate::{Backend, Durability, Server, StartError};

/// The variable that makes a missing backend a failure where it is `1`.
pub const REQUIRE_VARIABLE: &str = "REQUIRE_BACKENDS";

/// Whether a missing backend is a failure.
pub fn required() -> bool {
    env::var_os(REQUIRE_VARIABLE).is_some_and(|value| value == "1")
}

/// The server that the environment names, which somebody else runs.
pub fn external(backend: Backend) -> Option<Server> {
    let url = env::var_os(backend.variable()).filter(|url| !url.is_empty())?;
    Some(Server::at(backend, url.to_string_lossy().into_owned()))
}

/// The server that this process shares: the one that the environment names, or else one that is started by whoever asks
/// first. It ends with the process.
///
/// # Errors
/// It could not be started; whoever asks again is told the same.
///
/// # Panics
/// For a backend that is not shared.
pub fn shared(backend: Backend) -> Result<&'static Server, &'static StartError> {
    static SERVERS: [OnceLock<Result<Server, StartError>>; Backend::ALL.len()] =
        [const { OnceLock::new() }; Backend::ALL.len()];
    let start = || external(backend).map_or_else(|| Server::start(backend), Ok);
    let place = Backend::ALL.iter().position(|it| *it == backend).expect("a backend that tests share");
    SERVERS[place].get_or_init(start).as_ref()
}

/// The shared server, for a test that does it no harm; none where the machine does not have it, which is told loudly. A
/// test returns then.
///
/// # Panics
/// It does not start; or the machine does not have it, and `REQUIRE_BACKENDS=1`.
pub fn available(backend: Backend) -> Option<&'static Server> {
    or_skipped(shared(backend))
}

/// A server of the caller's own, for a test that kills or pauses it; none as for [`available`].
///
/// # Panics
/// As [`available`].
pub fn started(backend: Backend) -> Option<Server> {
    or_skipped(Server::start(backend))
}

/// A server of the caller's own whose commits wait for the disk, for a benchmark; none as for [`available`].
///
/// # Panics
/// As [`available`].
pub fn durable(backend: Backend) -> Option<Server> {
    or_skipped(Server::start_with(backend, Durability::PowerCut))
}

/// What was started; none as for [`available`]. For servers that are set up otherwise than the shared ones.
///
/// ```no_run
/// use adstead_backends::{RedisSentinel, or_skipped};
///
/// let Some(redis) = or_skipped(RedisSentinel::start()) else { return };
/// ```
///
/// # Panics
/// As [`available`].
pub fn or_skipped<T, E: Borrow<StartError>>(outcome: Result<T, E>) -> Option<T> {
    let error = match outcome {
        Ok(server) => return Some(server),
        Err(error) => error,
    };
    let error = error.borrow();
    let is_missing = matches!(error, StartError::Missing { .. });
    let told = chain(error);
    assert!(is_missing && !required(), "{told}");
    // Past the test harness, which keeps to itself what passing tests print. A closed standard error hears nothing.
    let _ = writeln!(stderr(), "SKIPPED: {told}");
    None
}

/// An error with its sources.
fn chain(error: &(dyn Error + 'static)) -> String {
    let sources = std::iter::successors(Some(error), |error| (*error).source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_backend_says_what_to_do() {
        let missing = StartError::Missing { backend: Backend::Postgres, program: "initdb" };
        assert_eq!(
            chain(&missing),
            "PostgreSQL: `initdb` was not found; install Debian's package `postgresql`, or name a server in \
             ADSTEAD_TEST_POSTGRES_URL"
        );
    }
}
