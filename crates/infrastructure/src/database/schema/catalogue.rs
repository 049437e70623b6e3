//! What a schema is made of, as the engine itself tells it: tables, columns, indexes, references and checks.
//!
//! Each engine has words of its own, so that nothing is lost in translation; what is compared is always of one engine.
//! The table of the migrations is no part of it, nor are the partitions of a table.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, DynIden, QueryResult, Statement};

use super::super::{DatabaseError, Engine};

/// What there is, and how it is defined.
pub(super) type Catalogue = BTreeMap<Item, String>;

/// A table, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    pub(super) table: String,
    pub(super) kind: String,
    pub(super) name: String,
}

impl Item {
    pub(super) const TABLE: &str = "table";

    /// The table that it is part of, or is.
    pub(super) fn of_table(&self) -> Self {
        Self { table: self.table.clone(), kind: Self::TABLE.to_owned(), name: self.table.clone() }
    }
}

/// The lines of the catalogue that Adstead's migrations make. A test on the engines themselves keeps them true.
pub(super) fn adstead(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => include_str!("expected/sqlite.txt"),
        Engine::Postgres => include_str!("expected/postgres.txt"),
        Engine::MariaDb => include_str!("expected/mariadb.txt"),
    }
}

/// The catalogue as lines of text, such as `ads: column name: varchar(200) not null`.
pub(super) fn lines(catalogue: &Catalogue) -> Vec<String> {
    let line = |(item, definition): (&Item, &String)| {
        let Item { table, kind, name } = item;
        format!("{table}: {kind} {name}: {definition}")
    };
    catalogue.iter().map(line).collect()
}

/// The catalogue that such lines tell.
pub(super) fn parse(lines: &str) -> Catalogue {
    let line = |line: &str| {
        let (table, rest) = line.split_once(": ")?;
        let (kind, rest) = rest.split_once(' ')?;
        let (name, definition) = rest.split_once(": ")?;
        let item = Item { table: table.to_owned(), kind: kind.to_owned(), name: name.to_owned() };
        Some((item, definition.to_owned()))
    };
    lines.lines().filter_map(line).collect()
}

/// The catalogue of a database, without the table `notes` of its migrations.
///
/// # Errors
/// A database that does not answer.
pub(super) async fn read(
    database: &impl ConnectionTrait,
    notes: DynIden,
) -> Result<Catalogue, DatabaseError> {
    let queries: &[&str] = match Engine::of(database) {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
        Engine::MariaDb => &MARIADB,
    };
    let mut catalogue = Catalogue::new();
    for query in queries {
        let statement = Statement::from_string(database.get_database_backend(), *query);
        for row in database.query_all_raw(statement).await? {
            let (item, definition) = item(&row)?;
            if item.table != notes.inner() {
                catalogue.insert(item, definition);
            }
        }
    }
    Ok(catalogue)
}

fn item(row: &QueryResult) -> Result<(Item, String), DbErr> {
    let column = |number| row.try_get_by_index::<String>(number);
    let item = Item { table: column(0)?, kind: column(1)?, name: column(2)? };
    Ok((item, without_display_width(&column(3)?)))
}

/// MariaDB tells how wide a number is shown, which MySQL has ceased to do.
fn without_display_width(definition: &str) -> String {
    let plain = ["bigint", "int"].iter().find_map(|number| {
        let (_width, rest) = definition.strip_prefix(number)?.strip_prefix('(')?.split_once(')')?;
        Some(format!("{number}{rest}"))
    });
    plain.unwrap_or_else(|| definition.to_owned())
}

/// <https://www.sqlite.org/pragma.html>
const SQLITE: [&str; 5] = [
    "SELECT name, 'table', name, iif(wr, 'without rowid', 'ordinary') FROM pragma_table_list \
     WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    "SELECT t.name, 'column', c.name, \
       lower(c.type) || iif(c.\"notnull\", ' not null', '') || coalesce(' default ' || c.dflt_value, '') \
     FROM pragma_table_list t, pragma_table_info(t.name) c \
     WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    "SELECT t.name, 'index', 'primary', \
       '(' || (SELECT group_concat(name, ', ') FROM \
         (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)) || ')' \
     FROM pragma_table_list t WHERE t.schema = 'main' AND t.type = 'table' \
       AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE pk > 0) \
       AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    "SELECT t.name, 'index', i.name, \
       iif(i.\"unique\", 'unique (', '(') || (SELECT group_concat(shown, ', ') FROM \
         (SELECT coalesce(name, 'an expression') || iif(\"desc\", ' desc', '') AS shown \
          FROM pragma_index_xinfo(i.name) WHERE \"key\" ORDER BY seqno)) || ')' || iif(i.partial, ' partial', '') \
     FROM pragma_table_list t, pragma_index_list(t.name) i \
     WHERE t.schema = 'main' AND t.type = 'table' AND i.origin <> 'pk'",
    "SELECT name, 'reference', '(' || columns || ')', \
       target || ' (' || targets || ')' || iif(on_delete = 'NO ACTION', '', ' on delete ' || lower(on_delete)) \
     FROM (SELECT t.name AS name, f.\"table\" AS target, f.on_delete AS on_delete, \
         group_concat(f.\"from\", ', ') AS columns, group_concat(f.\"to\", ', ') AS targets \
       FROM pragma_table_list t, pragma_foreign_key_list(t.name) f \
       WHERE t.schema = 'main' AND t.type = 'table' GROUP BY t.name, f.id)",
];

/// <https://www.postgresql.org/docs/current/catalogs.html>
const POSTGRES: [&str; 4] = [
    "SELECT c.relname::text, 'table', c.relname::text, \
       CASE c.relkind WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(c.oid) ELSE 'ordinary' END \
     FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace \
       AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
    "SELECT c.relname::text, 'column', a.attname::text, format_type(a.atttypid, a.atttypmod) \
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END \
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
    "SELECT c.relname::text, 'index', x.relname::text, \
       CASE WHEN i.indisprimary THEN 'primary' WHEN i.indisunique THEN 'unique' ELSE 'ordinary' END \
       || substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*$') \
       || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END \
     FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
    "SELECT c.relname::text, CASE o.contype WHEN 'f' THEN 'reference' ELSE 'check' END, o.conname::text, \
       pg_get_constraintdef(o.oid) \
     FROM pg_class c JOIN pg_constraint o ON o.conrelid = c.oid AND o.contype IN ('f', 'c') \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
];

/// <https://mariadb.com/docs/server/reference/system-tables/information-schema/information-schema-tables>
const MARIADB: [&str; 4] = [
    "SELECT cast(table_name AS char), 'table', cast(table_name AS char), \
       cast(concat(engine, ' ', table_collation) AS char) \
     FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE'",
    "SELECT cast(c.table_name AS char), 'column', cast(c.column_name AS char), \
       cast(concat(c.column_type, if(c.is_nullable = 'NO', ' not null', ''), \
         coalesce(concat(' collate ', c.collation_name), ''), \
         coalesce(concat(' default ', nullif(c.column_default, 'NULL')), '')) AS char) \
     FROM information_schema.columns c JOIN information_schema.tables t \
       ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE' \
     WHERE c.table_schema = database()",
    "SELECT cast(table_name AS char), 'index', cast(index_name AS char), \
       cast(concat(if(max(non_unique), '(', 'unique ('), \
         group_concat(coalesce(column_name, 'an expression'), if(collation = 'D', ' desc', '') \
           ORDER BY seq_in_index SEPARATOR ', '), ')') AS char) \
     FROM information_schema.statistics WHERE table_schema = database() GROUP BY table_name, index_name",
    "SELECT cast(k.table_name AS char), 'reference', cast(k.constraint_name AS char), \
       cast(concat('(', group_concat(k.column_name ORDER BY k.ordinal_position SEPARATOR ', '), ') to ', \
         max(k.referenced_table_name), ' (', \
         group_concat(k.referenced_column_name ORDER BY k.ordinal_position SEPARATOR ', '), ')', \
         if(max(r.delete_rule) IN ('CASCADE', 'SET NULL'), concat(' on delete ', lower(max(r.delete_rule))), '')) AS char) \
     FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r \
       ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name \
         AND r.table_name = k.table_name \
     WHERE k.table_schema = database() AND k.referenced_table_name IS NOT NULL \
     GROUP BY k.table_name, k.constraint_name",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_are_written() {
        for engine in [Engine::Sqlite, Engine::Postgres, Engine::MariaDb] {
            let text = adstead(engine);
            assert_eq!(lines(&parse(text)).join("\n"), text.trim_end());
        }
    }

    #[test]
    fn how_wide_a_number_is_shown_does_not_matter() {
        assert_eq!(without_display_width("bigint(20) not null"), "bigint not null");
        assert_eq!(without_display_width("int(11)"), "int");
        assert_eq!(without_display_width("tinyint(1)"), "tinyint(1)");
        assert_eq!(without_display_width("bigint"), "bigint");
    }
}
