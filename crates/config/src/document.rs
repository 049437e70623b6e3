//! Reading a TOML text key by key, with the place of each.

use toml_edit::{Item, Key, TableLike, TomlError};

/// A key of a TOML text that holds a value, or an empty table.
pub(crate) struct Leaf<'a> {
    /// The dotted key, from the root.
    pub(crate) key: String,
    pub(crate) name: &'a Key,
    pub(crate) item: &'a Item,
}

/// The leaves of a table and of the tables in it, in the order of the text.
pub(crate) fn leaves(table: &dyn TableLike) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    collect(table, "", &mut found);
    found
}

fn collect<'a>(table: &'a dyn TableLike, prefix: &str, found: &mut Vec<Leaf<'a>>) {
    for (name, _) in table.iter() {
        let Some((name, item)) = table.get_key_value(name) else { continue };
        let key = format!("{prefix}{}", name.get());
        match item.as_table_like() {
            Some(inner) if !inner.is_empty() => collect(inner, &format!("{key}."), found),
            _ => found.push(Leaf { key, name, item }),
        }
    }
}

/// The line of a byte of a text, counted from 1.
pub(crate) fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The line and column where a text stops being TOML, and what is wrong there. Quotes nothing of the text,
/// since that may be a secret.
pub(crate) fn describe(text: &str, error: &TomlError) -> (usize, usize, String) {
    let offset = error.span().map_or(text.len(), |span| span.start.min(text.len()));
    let before = text.get(..offset).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let message = error.message().trim_end_matches(", expected nothing").replace('\n', ", ");
    (line(text, offset), column, message)
}
