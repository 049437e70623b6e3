//! What can go wrong with a server.

use std::io;

use crate::Backend;

/// Why a server was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The machine does not have it.
    #[error(
        "{backend}: `{program}` was not found; install {}, or name a server in {}",
        backend.package(),
        backend.variable()
    )]
    Missing {
        /// What was to be started.
        backend: Backend,
        /// The program that was looked for.
        program: &'static str,
    },
    /// PostgreSQL and MariaDB refuse to run as root.
    #[error("{backend} is not run as root, and /etc/passwd has neither `postgres` nor `nobody`")]
    NoAccount {
        /// What was to be started.
        backend: Backend,
    },
    /// The system refused something.
    #[error("{backend}: cannot {what}")]
    System {
        /// What was to be started.
        backend: Backend,
        /// What was refused, as in *cannot …*.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// One of its programs failed, or took too long.
    #[error("{backend}: {what}; its log ends with\n{log}")]
    Failed {
        /// What was to be started.
        backend: Backend,
        /// What failed.
        what: String,
        /// The end of what its programs said.
        log: String,
    },
}

/// Why a server could not be stopped, killed, paused, or started again.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Somebody else runs it.
    #[error("this {_0} was started by somebody else ({}), who alone may stop it", _0.variable())]
    External(Backend),
    /// It was stopped or killed, or ended by itself.
    #[error("{0} is not running")]
    NotRunning(Backend),
    /// It did not obey.
    #[error("{backend} cannot be {what}")]
    Disobeyed {
        /// What did not obey.
        backend: Backend,
        /// What it was to be, as in *cannot be …*.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// It was stopped, and does not start again.
    #[error(transparent)]
    Start(#[from] StartError),
}
