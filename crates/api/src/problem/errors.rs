//! The one place where errors of use cases become problems.

use std::error::Error as _;
use std::time::Duration;

use adstead_application::Error;
use adstead_domain::port::{Chain, FileRefusal, PortError, PortErrorKind};
use adstead_domain::{Violation, ViolationKind, Violations};

use super::{Problem, ProblemKind};

/// How long to wait for an operator to make room.
const MAKING_ROOM: Duration = Duration::from_secs(10);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::new(ProblemKind::NotFound, error.to_string()),
            Error::Rules(violations) => violations.into(),
            Error::Stale { .. } => Self::new(ProblemKind::Stale, error.to_string()),
            Error::Taken { .. } => Self::new(ProblemKind::Taken, error.to_string()),
            Error::Unauthenticated => Self::new(ProblemKind::Unauthenticated, error.to_string()),
            Error::File(refusal) => refusal.into(),
            Error::UnusableCopy { .. } => {
                Self::new(ProblemKind::UnusableCopy, error.to_string()).with_cause(error)
            }
            Error::Writer(fault) => no_writer(fault),
            Error::Port(fault) => fault.into(),
        }
    }
}

impl From<Violations> for Problem {
    fn from(violations: Violations) -> Self {
        let kind = match violations.kind() {
            ViolationKind::Invalid => ProblemKind::Invalid,
            ViolationKind::State => ProblemKind::WrongState,
            ViolationKind::Forbidden => ProblemKind::Forbidden,
        };
        let detail = violations.to_string();
        let mut problem = Self::new(kind, detail);
        if kind == ProblemKind::Invalid {
            problem.faults = violations.into_iter().collect();
            if let [_, _, ..] = &*problem.faults {
                problem.detail = format!("{} faults were found: see errors", problem.faults.len());
            }
        }
        problem
    }
}

impl From<Violation> for Problem {
    fn from(violation: Violation) -> Self {
        Violations::from(violation).into()
    }
}

impl From<FileRefusal> for Problem {
    fn from(refusal: FileRefusal) -> Self {
        let kind = match refusal {
            FileRefusal::TooLarge { .. } => ProblemKind::TooLarge,
            FileRefusal::TypeNotAllowed { .. } | FileRefusal::Mislabelled { .. } => {
                ProblemKind::UnsupportedMediaType
            }
            FileRefusal::WrongSize { .. }
            | FileRefusal::Empty
            | FileRefusal::Damaged { .. }
            | FileRefusal::CutShort { .. }
            | FileRefusal::Trailing { .. }
            | FileRefusal::TooManyFrames { .. }
            | FileRefusal::TooManyPixels { .. } => ProblemKind::Invalid,
        };
        Self::new(kind, refusal.to_string())
    }
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        let (kind, detail) = match error.kind {
            PortErrorKind::Conflict => {
                (ProblemKind::Conflict, "it conflicts with what is stored: read it again")
            }
            PortErrorKind::Stale => (
                ProblemKind::Changed,
                "somebody changed it in the meantime: read it again, then repeat your change",
            ),
            PortErrorKind::RateLimited | PortErrorKind::Unavailable => {
                (ProblemKind::Unavailable, "a system behind the API is not available: try again later")
            }
            PortErrorKind::Full => (
                ProblemKind::Full,
                "the disk behind the API is full, and nothing was stored: what is stored can be read; try again once the \
                 operator has made room",
            ),
            PortErrorKind::Timeout => (
                ProblemKind::Timeout,
                "a system behind the API did not answer in time, and the request may have taken effect: \
                 read before you repeat it",
            ),
            PortErrorKind::Rejected
            | PortErrorKind::Denied
            | PortErrorKind::Corrupt
            | PortErrorKind::Unexpected => (ProblemKind::Internal, Self::LOGGED),
        };
        let mut problem = Self::new(kind, detail);
        problem.retry_after = problem.retry_after.map(|wait| error.retry_after.unwrap_or(wait));
        if error.kind == PortErrorKind::Full {
            problem.retry_after = Some(MAKING_ROOM);
        }
        problem.with_cause(error)
    }
}

/// Its sources name each provider and its failure, in words fit for the caller: they are the detail.
fn no_writer(error: PortError) -> Problem {
    let kind = match error.kind {
        PortErrorKind::RateLimited | PortErrorKind::Unavailable => ProblemKind::WriterUnavailable,
        PortErrorKind::Timeout => ProblemKind::WriterTimeout,
        PortErrorKind::Rejected
        | PortErrorKind::Denied
        | PortErrorKind::Corrupt
        | PortErrorKind::Conflict
        | PortErrorKind::Stale
        | PortErrorKind::Full
        | PortErrorKind::Unexpected => ProblemKind::WriterFailed,
    };
    let why = error.source().map_or_else(|| error.to_string(), |cause| Chain(cause).to_string());
    let mut problem = Problem::new(kind, format!("no provider wrote the copy: {why}"));
    problem.retry_after = problem.retry_after.map(|wait| error.retry_after.unwrap_or(wait));
    problem.with_cause(error)
}
