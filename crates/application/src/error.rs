//! What a use case answers when it cannot do what was asked.

use std::fmt;

use adstead_domain::port::{FileRefusal, PortError, UnknownProvider};
use adstead_domain::{Version, Violation, Violations};

/// What a use case answers when it cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The account has no such thing; whether another account has it is nobody's business.
    #[error("there is no {what} {id}{}", if *.what == "account" { "" } else { " in this account" })]
    NotFound {
        /// The kind of thing.
        what: &'static str,
        /// What was asked for.
        id: String,
    },
    /// Rules of the domain are broken.
    #[error(transparent)]
    Rules(#[from] Violations),
    /// The thing is not as the caller last saw it.
    #[error(
        "you saw version {expected}, and it is at version {current} now: read it again and repeat your change"
    )]
    Stale {
        /// The version that the caller saw.
        expected: Version,
        /// The version that is stored.
        current: Version,
    },
    /// A name is taken.
    #[error("there is already {what} called {name:?}: choose another name")]
    Taken {
        /// The kind of thing, with its article.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The caller did not say who they are, or nobody knows them.
    #[error("the API key is unknown or was revoked: send a valid one as `Authorization: Bearer <key>`")]
    Unauthenticated,
    /// A file was not stored.
    #[error(transparent)]
    File(#[from] FileRefusal),
    /// No provider wrote copy that can be used.
    #[error("{provider} wrote no variant that keeps all rules, also when asked again: {fault}")]
    UnusableCopy {
        /// Who wrote.
        provider: String,
        /// The first rule that was still broken.
        fault: String,
    },
    /// No provider answered with copy. Its sources name each provider and its failure, in words fit for the caller.
    #[error("no provider wrote the copy")]
    Writer(#[source] PortError),
    /// An outside system failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Rules(violation.into())
    }
}

impl Error {
    /// What a writer, a reviewer or an analyst failed with: a provider that nobody knows is the caller's fault.
    pub(crate) fn of_writer(error: PortError) -> Self {
        match error.source.as_ref().and_then(|source| source.downcast_ref::<UnknownProvider>()) {
            Some(unknown) => Violation::invalid(unknown.to_string()).at("/provider").into(),
            None => Self::Writer(error),
        }
    }

    pub(crate) fn not_found(what: &'static str, id: impl fmt::Display) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }
}

/// Lets a caller pass who saw the version that is stored, or does not care.
pub(crate) fn expect_version(expected: Option<Version>, current: Version) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != current => Err(Error::Stale { expected, current }),
        _ => Ok(()),
    }
}
