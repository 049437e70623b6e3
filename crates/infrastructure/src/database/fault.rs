use std::fmt;

use adstead_domain::port::PortErrorKind;

/// What went wrong with a call to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// No connection became free in time, or the server takes no more of them: the excess is shed, not tried again.
    Overloaded,
    /// No connection to the server could be made in time.
    Unreachable,
    /// The connection was lost before the end of the transaction, which so was rolled back.
    Disconnected,
    /// The manager was closed.
    Closed,
    /// Somebody else holds a lock, and held it for too long.
    Locked,
    /// Two transactions waited for each other, and the engine ended this one.
    Deadlock,
    /// The transaction cannot be put in an order with those that ran beside it.
    Serialization,
    /// It took longer than the server or the caller's deadline allows.
    TimedOut,
    /// A unique key is taken.
    Taken,
    /// Something that is stored needs what was to go.
    Needed,
    /// What was to be stored needs something that is not there.
    Lacking,
    /// A reference leads nowhere.
    Dangling,
    /// Another constraint of the schema is broken, or a value does not fit its column.
    Constraint,
    /// A sum or a number is greater than 64 bits can hold.
    OutOfRange,
    /// The disk is full.
    DiskFull,
    /// The database may only be read.
    ReadOnly,
    /// The server refuses this user, or this user the deed.
    Denied,
    /// The server has no such database.
    NoDatabase,
    /// The disk or the file system fails.
    Io,
    /// The data is damaged, or a row holds what nobody can have stored.
    Corrupt,
    /// The engine failed during COMMIT: the transaction may have taken effect or not.
    UnknownOutcome,
    /// Anything else.
    Unexpected,
}

impl Fault {
    /// The faults after which the whole transaction may run again: it was rolled back, and the reason passes.
    pub const RETRYABLE: [Self; 4] = [Self::Locked, Self::Deadlock, Self::Serialization, Self::Disconnected];

    /// Whether the transaction may succeed when it runs again.
    pub fn is_retryable(self) -> bool {
        Self::RETRYABLE.contains(&self)
    }

    /// The fault as statistics name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::Unreachable => "unreachable",
            Self::Disconnected => "disconnected",
            Self::Closed => "closed",
            Self::Locked => "locked",
            Self::Deadlock => "deadlock",
            Self::Serialization => "serialization",
            Self::TimedOut => "timed_out",
            Self::Taken => "taken",
            Self::Needed => "needed",
            Self::Lacking => "lacking",
            Self::Dangling => "dangling",
            Self::Constraint => "constraint",
            Self::OutOfRange => "out_of_range",
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "read_only",
            Self::Denied => "denied",
            Self::NoDatabase => "no_database",
            Self::Io => "io",
            Self::Corrupt => "corrupt",
            Self::UnknownOutcome => "unknown_outcome",
            Self::Unexpected => "unexpected",
        }
    }

    /// What a caller of the port can do about it.
    pub(super) fn kind(self) -> PortErrorKind {
        match self {
            Self::Overloaded
            | Self::Unreachable
            | Self::Disconnected
            | Self::Closed
            | Self::Locked
            | Self::Deadlock
            | Self::Serialization
            | Self::ReadOnly
            | Self::Denied
            | Self::NoDatabase
            | Self::Io => PortErrorKind::Unavailable,
            Self::DiskFull => PortErrorKind::Full,
            Self::Taken | Self::Needed | Self::Lacking => PortErrorKind::Conflict,
            Self::Dangling | Self::Constraint | Self::OutOfRange => PortErrorKind::Rejected,
            Self::Corrupt => PortErrorKind::Corrupt,
            Self::TimedOut | Self::UnknownOutcome => PortErrorKind::Timeout,
            Self::Unexpected => PortErrorKind::Unexpected,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overloaded => "no database connection became free in time",
            Self::Unreachable => "the database server could not be reached in time",
            Self::Disconnected => "the connection to the database was lost",
            Self::Closed => "the database was closed",
            Self::Locked => "the database is locked by somebody else",
            Self::Deadlock => "two transactions waited for each other",
            Self::Serialization => "another transaction changed what this one had read",
            Self::TimedOut => "the database took longer than it may",
            Self::Taken => "a unique key is taken",
            Self::Needed => "something that is stored needs it",
            Self::Lacking => "it needs something that is not stored",
            Self::Dangling => "a reference leads to nothing that is stored",
            Self::Constraint => "a constraint of the schema is broken",
            Self::OutOfRange => "a number is greater than 64 bits can hold",
            Self::DiskFull => "the disk is full",
            Self::ReadOnly => "the database may only be read",
            Self::Denied => "the database refuses this user",
            Self::NoDatabase => "the server has no such database",
            Self::Io => "the database's file cannot be read or written",
            Self::Corrupt => "the database holds what cannot be understood",
            Self::UnknownOutcome => {
                "the database failed during the commit, which may have taken effect or not"
            }
            Self::Unexpected => "the database refused the statement",
        })
    }
}
