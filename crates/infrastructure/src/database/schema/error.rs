use adstead_migrations::Direction;

use super::super::{DatabaseError, TransactionError};

/// Why a database's schema is not the one of this build.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Migrations were applied that this build does not know.
    #[error(
        "the database was migrated by a newer version of this program (this one does not know {}): \
         run that version, or restore a backup",
        unknown.join(", ")
    )]
    Newer {
        /// The migrations' names.
        unknown: Vec<String>,
    },
    /// Migrations of this build were not applied yet.
    #[error("the database's schema is {} behind: run `migrate`", migrations(pending.len()))]
    Behind {
        /// The migrations' names.
        pending: Vec<String>,
    },
    /// Nobody has told what the migrations make, so that nothing can be compared with it.
    #[error(
        "nobody has listed what the migrations make: give `Migrations::listed` what `DatabaseManager::catalogue` tells"
    )]
    Unlisted,
    /// Somebody else is at it, and not done in time.
    #[error(
        "somebody else has been changing the database's schema for {waited_s} s: wait until they are done, \
         or end the node that hangs"
    )]
    Busy {
        /// How long they were waited for, in seconds.
        waited_s: u64,
    },
    /// A migration failed.
    #[error("the migration {migration} could not be {}: {remains}", of(*direction))]
    Failed {
        /// The migration's name.
        migration: String,
        /// Which way it was to go.
        direction: Direction,
        /// Where the schema stands now.
        remains: Remains,
        /// What the database says.
        source: DatabaseError,
    },
    /// The database could not be asked or changed.
    #[error("the database's schema could not be read or changed")]
    Database(#[from] DatabaseError),
}

/// What a migration that failed has left behind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Remains {
    /// Nothing, and nor have those that went before it: the engine took all of it back.
    #[error("the schema is as it was before; mend the cause and try again")]
    Nothing,
    /// Nothing, but what those did that went before it stays.
    #[error("it has changed nothing, and what was done before it stays; mend the cause and try again")]
    Predecessors,
    /// Changes that the engine cannot take back.
    #[error(
        "this engine cannot take back what it had done by then ({}), and what was done before it stays; \
         undo that by hand, mend the cause and try again",
        .0.join(", ")
    )]
    Changes(Vec<String>),
    /// The engine cannot take changes back, and could not be asked which there are.
    #[error(
        "this engine cannot take back what it had done by then, and could not be asked what that is; \
         compare the schema with what the migrations make before you try again"
    )]
    Unknown,
}

fn migrations(count: usize) -> String {
    if count == 1 { "1 migration".to_owned() } else { format!("{count} migrations") }
}

fn of(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "applied",
        Direction::Down => "taken back",
    }
}

impl TransactionError for SchemaError {
    fn database(&self) -> Option<&DatabaseError> {
        match self {
            Self::Failed { source, .. } | Self::Database(source) => Some(source),
            Self::Newer { .. } | Self::Behind { .. } | Self::Unlisted | Self::Busy { .. } => None,
        }
    }
}
