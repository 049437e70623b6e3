use adstead_migrations::{MigrationTrait, Migrator, MigratorTrait};
use sea_orm::DynIden;

use super::super::Engine;
use super::catalogue::{self, Catalogue};

/// The migrations that make a schema: those of Adstead, or of a program that uses
/// [`DatabaseManager`](crate::database::DatabaseManager) for tables of its own.
#[derive(Clone, Copy)]
pub struct Migrations {
    all: fn() -> Vec<Box<dyn MigrationTrait>>,
    notes: fn() -> DynIden,
    listed: Option<fn(Engine) -> &'static str>,
}

impl Migrations {
    /// Adstead's own.
    pub const ADSTEAD: Self = Self::of::<Migrator>().listed(catalogue::adstead);

    /// Those of `M`, in their order.
    ///
    /// What was applied is noted in the table that `M` names. Programs that share a database give it a name of their own
    /// (`migration_table_name`): in a table that they shared, each would find migrations that it does not know. In which
    /// transaction a migration runs is not its to choose (`use_transaction`).
    pub const fn of<M: MigratorTrait>() -> Self {
        Self { all: M::migrations, notes: M::migration_table_name, listed: None }
    }

    /// With a list of what they make on each engine, for [`verify`](crate::database::DatabaseManager::verify): the lines
    /// that [`catalogue`](crate::database::DatabaseManager::catalogue) told of a database with this schema and nothing
    /// besides. A test that compares the two keeps the list true.
    pub const fn listed(self, lines: fn(Engine) -> &'static str) -> Self {
        Self { listed: Some(lines), ..self }
    }

    /// All of them, in their order.
    pub(super) fn all(&self) -> Vec<Box<dyn MigrationTrait>> {
        (self.all)()
    }

    /// The table in which is noted what was applied.
    pub(super) fn notes(&self) -> DynIden {
        (self.notes)()
    }

    /// What they make, where somebody has listed it.
    pub(super) fn expected(&self, engine: Engine) -> Option<Catalogue> {
        self.listed.map(|lines| catalogue::parse(lines(engine)))
    }
}
