use adstead_domain::port::{PortError, PortErrorKind};

use crate::database::{DatabaseError, TransactionError};

/// Why nothing was written; either rolls everything back.
pub(super) enum Unwritten {
    /// Somebody was faster.
    Stale,
    Database(DatabaseError),
}

impl Unwritten {
    /// The failure as a port tells it.
    pub(super) fn during(self, operation: &'static str) -> PortError {
        match self {
            Self::Stale => PortError::new(PortErrorKind::Stale, operation),
            Self::Database(error) => error.during(operation),
        }
    }
}

impl From<DatabaseError> for Unwritten {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

impl TransactionError for Unwritten {
    fn database(&self) -> Option<&DatabaseError> {
        match self {
            Self::Stale => None,
            Self::Database(error) => Some(error),
        }
    }
}

/// Lets an update pass that was bound to a version and met its row.
pub(super) fn met(rows: u64) -> Result<(), Unwritten> {
    if rows == 0 { Err(Unwritten::Stale) } else { Ok(()) }
}
