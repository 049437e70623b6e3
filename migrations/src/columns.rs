//! The column types of the schema: one for each kind of value, the same on every engine.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A UUID.
pub(crate) fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// An instant: microseconds since the Unix epoch, UTC.
pub(crate) fn instant(name: &'static str) -> ColumnDef {
    count(name)
}

/// A number of things, bytes or micros of a currency.
pub(crate) fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// The word of an enumeration.
pub(crate) fn word(name: &'static str) -> ColumnDef {
    line(name, 32)
}

/// The code of a currency (ISO 4217).
pub(crate) fn currency(name: &'static str) -> ColumnDef {
    line(name, 3)
}

/// A SHA-256 digest, as 64 hexadecimal digits.
pub(crate) fn digest(name: &'static str) -> ColumnDef {
    line(name, 64)
}

/// A line of at most `length` characters.
pub(crate) fn line(name: &'static str, length: u32) -> ColumnDef {
    ColumnDef::new(name).string_len(length).not_null().take()
}

/// Yes or no.
pub(crate) fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

/// How often a row was changed, from 1.
pub(crate) fn version() -> ColumnDef {
    ColumnDef::new("version").integer().not_null().take()
}

/// A structured value as JSON, or a text without a bound.
pub(crate) fn document(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match manager.get_database_backend() {
        // MariaDB's plain `text` ends at 64 KiB.
        DbBackend::MySql => column.custom("mediumtext"),
        _ => column.text(),
    };
    column.not_null().take()
}

/// Bytes without a bound.
pub(crate) fn bytes(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match manager.get_database_backend() {
        // MariaDB's plain `blob` ends at 64 KiB.
        DbBackend::MySql => column.custom("mediumblob"),
        _ => column.blob(),
    };
    column.not_null().take()
}

/// The same column where a value may be missing.
pub(crate) fn optional(mut column: ColumnDef) -> ColumnDef {
    column.null().take()
}

/// The primary key of what belongs to an account: every query names the account, and a page of a list is a piece of
/// this key.
pub(crate) fn scoped_key() -> IndexCreateStatement {
    Index::create().primary().col("account_id").col("id").take()
}

/// The account that owns the rows of `table`.
pub(crate) fn owner(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_account"))
        .from(table, "account_id")
        .to("accounts", "id")
        .take()
}

/// A reference that cannot leave its account.
pub(crate) fn scoped_reference(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{target}"))
        .from(table, ("account_id", column))
        .to(target, ("account_id", "id"))
        .take()
}

/// An index of `table`, named after its columns.
pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(table).take();
    for &column in columns {
        index.col(column);
    }
    index
}

/// Makes a table. MariaDB compares texts byte for byte in it, as the other engines do, and takes every character of Unicode,
/// whatever the defaults of the server.
pub(crate) async fn create_table(
    manager: &SchemaManager<'_>,
    mut table: TableCreateStatement,
) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::MySql {
        table.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_bin");
    }
    manager.create_table(table).await
}

/// Keeps the rows inside the primary key's tree, as InnoDB does anyway: one tree to write to instead of two.
pub(crate) fn clustered(
    manager: &SchemaManager<'_>,
    mut table: TableCreateStatement,
) -> TableCreateStatement {
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table
}

/// Drops tables, those first that refer to others.
pub(crate) async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for &table in tables {
        manager.drop_table(Table::drop().table(table).take()).await?;
    }
    Ok(())
}
