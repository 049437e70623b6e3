use std::error::Error;
use std::sync::Arc;

use adstead_domain::port::PortError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

use super::{Fault, codes};

/// A call to the database that failed.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct DatabaseError {
    /// What went wrong.
    pub fault: Fault,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl DatabaseError {
    /// A fault and what the engine says of it.
    pub(crate) fn new(fault: Fault, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { fault, cause: Some(cause.into()) }
    }

    /// A stored value that does not parse, with the place where it stands.
    pub(crate) fn corrupt(column: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Fault::Corrupt, Unreadable { column, cause: cause.into() })
    }

    /// The failure of a COMMIT. Where the engine itself says that it did not commit, that is what happened; where it says
    /// nothing, or the connection was lost, nobody knows.
    pub(super) fn of_commit(error: DbErr) -> Self {
        let error = Self::from(error);
        match error.fault {
            Fault::Locked
            | Fault::Deadlock
            | Fault::Serialization
            | Fault::DiskFull
            | Fault::Taken
            | Fault::Dangling
            | Fault::Constraint
            | Fault::ReadOnly => error,
            _ => Self { fault: Fault::UnknownOutcome, ..error },
        }
    }

    /// Whether the transaction may succeed when it runs again.
    pub fn is_retryable(&self) -> bool {
        self.fault.is_retryable()
    }

    /// The failure as a port tells it.
    pub fn during(self, operation: &'static str) -> PortError {
        PortError::new(self.fault.kind(), operation).with_source(self)
    }
}

/// A rule that the schema cannot keep, found broken inside the transaction.
impl From<Fault> for DatabaseError {
    fn from(fault: Fault) -> Self {
        Self { fault, cause: None }
    }
}

impl From<DbErr> for DatabaseError {
    fn from(error: DbErr) -> Self {
        match error {
            // Whoever gets here holds a permit of the pool: it was the server that did not answer.
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Fault::Unreachable.into(),
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Fault::Closed.into(),
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => match Arc::try_unwrap(error) {
                Ok(error) => error.into(),
                Err(shared) => Self::new(fault_of(&shared), shared),
            },
            error @ (DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. }) => {
                Self::new(Fault::Corrupt, error)
            }
            error => Self::new(Fault::Unexpected, error),
        }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        let fault = fault_of(&error);
        match error {
            // The engine's own words; sqlx would only say them twice.
            sqlx::Error::Database(error) => Self::new(fault, error.into_error()),
            error => Self::new(fault, error),
        }
    }
}

fn fault_of(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(error) => codes::fault_of(error.as_ref()),
        sqlx::Error::PoolTimedOut => Fault::Unreachable,
        sqlx::Error::PoolClosed => Fault::Closed,
        // SQLite tells of its files by codes: this is a socket.
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => Fault::Disconnected,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Fault::Corrupt,
        _ => Fault::Unexpected,
    }
}

/// What the closure of a transaction may fail with: the database's errors, and whatever else its author needs.
pub trait TransactionError: From<DatabaseError> {
    /// The database's part in the failure: it decides whether the closure runs again.
    fn database(&self) -> Option<&DatabaseError>;
}

impl TransactionError for DatabaseError {
    fn database(&self) -> Option<&DatabaseError> {
        Some(self)
    }
}

/// A stored value that does not parse.
#[derive(Debug, thiserror::Error)]
#[error("the column {column} does not parse")]
struct Unreadable {
    column: &'static str,
    #[source]
    cause: Box<dyn Error + Send + Sync>,
}
