//! A `Cargo.toml`, as far as the rules look at it.

use anyhow::Result;
use toml_edit::{Document, Item, TableLike};

/// The manifest of one crate, or of the workspace.
pub(super) struct Manifest {
    pub(super) path: String,
    /// Whether the crate takes its lints from the workspace.
    pub(super) inherits_lints: bool,
    pub(super) dependencies: Vec<Dependency>,
    /// What `[workspace.dependencies]` lists; nothing in a crate.
    pub(super) shared: Vec<Dependency>,
}

/// One line of a table of dependencies.
pub(super) struct Dependency {
    /// Its name as Rust code writes it: with `_` for `-`.
    pub(super) name: String,
    pub(super) line: usize,
    /// Whether only tests and benchmarks have it.
    pub(super) is_dev: bool,
    /// Whether its version stands in the workspace.
    pub(super) is_inherited: bool,
}

impl Manifest {
    pub(super) fn parse(path: &str, text: String) -> Result<Self> {
        let document = Document::parse(text)?;
        let table = |keys: &[&str]| {
            keys.iter().try_fold(document.as_item(), |item, key| item.get(key)).and_then(Item::as_table_like)
        };
        let mut dependencies = dependencies_of(document.raw(), Some(document.as_table()));
        for (_, target) in table(&["target"]).into_iter().flat_map(TableLike::iter) {
            dependencies.extend(dependencies_of(document.raw(), target.as_table_like()));
        }
        Ok(Self {
            path: path.to_owned(),
            inherits_lints: table(&["lints"]).is_some_and(inherits),
            dependencies,
            shared: entries(document.raw(), table(&["workspace", "dependencies"]), false),
        })
    }

    /// The folder that the manifest is in; empty for the workspace's.
    pub(super) fn folder(&self) -> &str {
        self.path.strip_suffix("/Cargo.toml").unwrap_or_default()
    }

    /// What the crate itself is built with, its tests and benchmarks left out.
    pub(super) fn built_with(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|dependency| !dependency.is_dev)
    }
}

fn dependencies_of(text: &str, tables: Option<&dyn TableLike>) -> Vec<Dependency> {
    ["dependencies", "build-dependencies", "dev-dependencies"]
        .into_iter()
        .flat_map(|key| {
            let table = tables.and_then(|tables| tables.get(key)).and_then(Item::as_table_like);
            entries(text, table, key == "dev-dependencies")
        })
        .collect()
}

fn entries(text: &str, table: Option<&dyn TableLike>, is_dev: bool) -> Vec<Dependency> {
    let Some(table) = table else { return Vec::new() };
    let entry = |(name, item): (&str, &Item)| {
        let span = table.key(name).and_then(toml_edit::Key::span).unwrap_or_default();
        Dependency {
            name: name.replace('-', "_"),
            line: 1 + text[..span.start].matches('\n').count(),
            is_dev,
            is_inherited: item.as_table_like().is_some_and(inherits),
        }
    };
    table.iter().map(entry).collect()
}

fn inherits(table: &dyn TableLike) -> bool {
    table.get("workspace").and_then(Item::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
[package]
name = \"adstead-domain\"

[dependencies]
serde.workspace = true
async-trait = { workspace = true, features = [] }

[dev-dependencies]
proptest = \"1\"

[target.'cfg(unix)'.dependencies]
libc = { version = \"0.2\" }
";

    #[test]
    fn dependencies_are_told_with_their_line_and_kind() {
        let manifest = Manifest::parse("crates/domain/Cargo.toml", TEXT.to_owned()).unwrap();
        let told =
            manifest.dependencies.iter().map(|one| (&*one.name, one.line, one.is_dev, one.is_inherited));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                ("serde", 5, false, true),
                ("async_trait", 6, false, true),
                ("proptest", 9, true, false),
                ("libc", 12, false, false),
            ]
        );
        assert_eq!(manifest.folder(), "crates/domain");
        assert!(!manifest.inherits_lints);
    }
}
