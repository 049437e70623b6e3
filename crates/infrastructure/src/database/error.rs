//! What can go wrong with a database, and what follows from it: the only place that knows an engine's error codes.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use adstead_domain::port::{PortError, PortErrorKind};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

/// A call to the database that failed.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct DatabaseError {
    /// What went wrong.
    pub fault: Fault,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What went wrong with a call to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// No connection became free in time: the excess is shed, not tried again.
    Overloaded,
    /// The manager was closed.
    Closed,
    /// Another connection or process holds the lock: the transaction may run again.
    Locked,
    /// A unique key is taken.
    Taken,
    /// Something that is stored needs what was to go.
    Needed,
    /// What was to be stored needs something that is not there.
    Lacking,
    /// A reference leads nowhere.
    Dangling,
    /// Another constraint of the schema is broken.
    Constraint,
    /// The disk is full.
    DiskFull,
    /// The database may only be read.
    ReadOnly,
    /// The disk or the file system fails.
    Io,
    /// The file is damaged, or a row holds what nobody can have stored.
    Corrupt,
    /// The engine failed during COMMIT: the transaction may have taken effect or not.
    UnknownOutcome,
    /// Anything else.
    Unexpected,
}

impl Fault {
    /// SQLite's result codes (<https://www.sqlite.org/rescode.html>); the low byte of an extended code is its primary one.
    fn of_sqlite(code: i32) -> Self {
        const UNIQUE: i32 = 2067;
        const PRIMARY_KEY: i32 = 1555;
        const FOREIGN_KEY: i32 = 787;
        match (code, code & 0xff) {
            (UNIQUE | PRIMARY_KEY, _) => Self::Taken,
            (FOREIGN_KEY, _) => Self::Dangling,
            (_, 5 | 6) => Self::Locked,
            (_, 8) => Self::ReadOnly,
            (_, 10 | 14) => Self::Io,
            (_, 11 | 26) => Self::Corrupt,
            (_, 13) => Self::DiskFull,
            (_, 19) => Self::Constraint,
            _ => Self::Unexpected,
        }
    }

    /// What a caller of the port can do about it.
    fn kind(self) -> PortErrorKind {
        match self {
            Self::Overloaded | Self::Closed | Self::Locked | Self::DiskFull | Self::ReadOnly | Self::Io => {
                PortErrorKind::Unavailable
            }
            Self::Taken | Self::Needed | Self::Lacking => PortErrorKind::Conflict,
            Self::Dangling | Self::Constraint => PortErrorKind::Rejected,
            Self::Corrupt => PortErrorKind::Corrupt,
            Self::UnknownOutcome => PortErrorKind::Timeout,
            Self::Unexpected => PortErrorKind::Unexpected,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overloaded => "no database connection became free in time",
            Self::Closed => "the database was closed",
            Self::Locked => "the database is locked by somebody else",
            Self::Taken => "a unique key is taken",
            Self::Needed => "something that is stored needs it",
            Self::Lacking => "it needs something that is not stored",
            Self::Dangling => "a reference leads to nothing that is stored",
            Self::Constraint => "a constraint of the schema is broken",
            Self::DiskFull => "the disk is full",
            Self::ReadOnly => "the database may only be read",
            Self::Io => "the database's file cannot be read or written",
            Self::Corrupt => "the database holds what cannot be understood",
            Self::UnknownOutcome => {
                "the database failed during the commit, which may have taken effect or not"
            }
            Self::Unexpected => "the database refused the statement",
        })
    }
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

    /// The failure of a COMMIT. SQLite says of a lock and of a full disk that nothing was committed.
    pub(crate) fn of_commit(error: DbErr) -> Self {
        let error = Self::from(error);
        match error.fault {
            Fault::Locked | Fault::DiskFull => error,
            _ => Self { fault: Fault::UnknownOutcome, ..error },
        }
    }

    /// Whether the transaction may succeed when it runs again.
    pub fn is_retryable(&self) -> bool {
        self.fault == Fault::Locked
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
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => {
                Self { fault: Fault::Overloaded, cause: None }
            }
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => {
                Self { fault: Fault::Closed, cause: None }
            }
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
        sqlx::Error::Database(error) => {
            let code = error.code().and_then(|code| code.parse().ok());
            code.map_or(Fault::Unexpected, Fault::of_sqlite)
        }
        sqlx::Error::PoolTimedOut => Fault::Overloaded,
        sqlx::Error::PoolClosed => Fault::Closed,
        sqlx::Error::Io(_) => Fault::Io,
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

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is of another engine.
    #[error(
        "the database URL begins with {scheme:?}, but this build runs on SQLite: \
         use an address such as sqlite://data/adstead.db"
    )]
    UnsupportedScheme {
        /// What stands before the first colon.
        scheme: String,
    },
    /// The address names no file.
    #[error("the database URL {problem}: use an address such as sqlite://data/adstead.db")]
    InvalidUrl {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The folder of the file does not exist and cannot be made.
    #[error("the folder {} cannot be made: choose one that may be written to", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is a file, but no database in it that can be read.
    #[error("{} is no SQLite database, or a damaged one: name another file, or restore a backup", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened, made or written to.
    #[error("the database {} cannot be opened: check that it and its folder may be written to", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: DatabaseError,
    },
    /// The file holds a schema that this build cannot use.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// Why a database's schema is not the one of this build.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Migrations were applied that this build does not know.
    #[error(
        "the database was migrated by a newer version of Adstead (this one does not know {}): \
         run that version, or restore a backup",
        unknown.join(", ")
    )]
    Newer {
        /// The migrations' names.
        unknown: Vec<String>,
    },
    /// Migrations of this build were not applied yet.
    #[error("the database's schema is {} behind: run `adstead migrate`", migrations(pending.len()))]
    Behind {
        /// The migrations' names.
        pending: Vec<String>,
    },
    /// The database could not be asked or changed.
    #[error("the database's schema could not be read or changed")]
    Database(#[from] DatabaseError),
}

fn migrations(count: usize) -> String {
    if count == 1 { "1 migration".to_owned() } else { format!("{count} migrations") }
}

impl TransactionError for SchemaError {
    fn database(&self) -> Option<&DatabaseError> {
        match self {
            Self::Database(error) => Some(error),
            Self::Newer { .. } | Self::Behind { .. } => None,
        }
    }
}
