//! What migrations say to an engine, written down without one.

use std::collections::BTreeMap;
use std::iter::repeat_n;

use sea_orm::{DbBackend, MockDatabase, MockExecResult, Transaction, Value};
use sea_orm_migration::prelude::*;

use crate::Migrator;

/// Which way a migration goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It is applied.
    Up,
    /// It is taken back.
    Down,
}

impl Direction {
    /// Runs `migration` this way.
    ///
    /// # Errors
    /// What the database says.
    pub async fn run(self, migration: &dyn MigrationTrait, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        match self {
            Self::Up => migration.up(manager).await,
            Self::Down => migration.down(manager).await,
        }
    }
}

/// The statements of one migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The migration's name.
    pub migration: String,
    /// What it says, in its order.
    pub statements: Vec<String>,
}

/// What `migration` says to an engine of this kind. Nothing is asked and nothing changed: a query finds no rows.
///
/// # Errors
/// A migration that cannot go this way.
pub async fn script(
    migration: &dyn MigrationTrait,
    direction: Direction,
    engine: DbBackend,
) -> Result<Script, DbErr> {
    let no_rows = Vec::<BTreeMap<String, Value>>::new();
    let paper = MockDatabase::new(engine)
        .append_exec_results(repeat_n(MockExecResult::default(), LONGEST))
        .append_query_results(repeat_n(no_rows, LONGEST))
        .into_connection();
    direction.run(migration, &SchemaManager::new(&paper)).await?;
    let said = paper.into_transaction_log();
    let statements = said.iter().flat_map(Transaction::statements).map(ToString::to_string).collect();
    Ok(Script { migration: migration.name().to_owned(), statements })
}

/// More statements than any migration has, since the paper wants its answers beforehand.
const LONGEST: usize = 1000;

/// The whole schema for people to read: what all migrations say to each engine.
///
/// # Errors
/// A migration that fails.
pub async fn schema_sql() -> Result<String, DbErr> {
    let mut text = HEAD.to_owned();
    for (engine, name) in [
        (DbBackend::Sqlite, "SQLite"),
        (DbBackend::Postgres, "PostgreSQL"),
        (DbBackend::MySql, "MariaDB and MySQL"),
    ] {
        text += &format!("\n\n-- ═══ {name} ═══\n");
        for migration in Migrator::migrations() {
            let Script { migration, statements } = script(migration.as_ref(), Direction::Up, engine).await?;
            text += &format!("\n-- {migration}\n");
            text.extend(statements.iter().map(|statement| format!("{};\n", laid_out(statement))));
        }
    }
    Ok(text)
}

const HEAD: &str = "\
-- The schema, as the migrations make it on each engine. Written by `cargo xtask generate`; to be read, not run:
-- `adstead migrate` notes in `seaql_migrations` what it has applied, and this file does not.
";

/// A table with each column on a line of its own; other statements as they are.
fn laid_out(statement: &str) -> String {
    let Some((head, rest)) = statement.strip_prefix("CREATE TABLE").and_then(|rest| rest.split_once('('))
    else {
        return statement.to_owned();
    };
    let mut text = format!("CREATE TABLE{head}(\n    ");
    let mut depth = 1_u32;
    let mut letters = rest.trim_start().chars();
    for letter in letters.by_ref() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        match (letter, depth) {
            (_, 0) => break,
            (',', 1) => text.push_str(",\n   "),
            _ => text.push(letter),
        }
    }
    text.truncate(text.trim_end().len());
    text.push_str("\n)");
    text.extend(letters);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_line_for_each_column() {
        let statement = r#"CREATE TABLE "a" ( "id" uuid, "name" varchar(9) NOT NULL, PRIMARY KEY ("id", "name") ) PARTITION BY RANGE ("id")"#;
        let expected = "CREATE TABLE \"a\" (\n    \"id\" uuid,\n    \"name\" varchar(9) NOT NULL,\n    \
                        PRIMARY KEY (\"id\", \"name\")\n) PARTITION BY RANGE (\"id\")";
        assert_eq!(laid_out(statement), expected);
        let index = r#"CREATE INDEX "i" ON "a" ("id", "name")"#;
        assert_eq!(laid_out(index), index);
    }
}
