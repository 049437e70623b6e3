//! The files of the workspace, as the rules look at them.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry};
use std::path::Path;

use anyhow::{Context, Result};

use super::manifest::Manifest;
use super::source::Source;

/// Folders that hold nothing of ours; hidden ones are left out as well.
const NOT_OURS: &[&str] = &["target", "data", "fuzz/target", "fuzz/corpus", "fuzz/artifacts"];

/// The manifest of another workspace, which can share nothing with this one.
const OF_ANOTHER: &str = "fuzz/Cargo.toml";

/// Everything that the rules look at.
#[derive(Default)]
pub(crate) struct Workspace {
    pub(super) manifests: Vec<Manifest>,
    pub(super) sources: Vec<Source>,
    pub(super) pages: Vec<Page>,
    paths: BTreeSet<String>,
}

/// A Markdown file.
pub(super) struct Page {
    pub(super) path: String,
    pub(super) text: String,
}

impl Workspace {
    /// Reads the workspace in the folder `root`.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut workspace = Self::default();
        workspace.read_folder(root, "")?;
        Ok(workspace)
    }

    /// A workspace of files that are on no disk.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut workspace = Self::default();
        for (path, text) in files {
            workspace.add((*path).to_owned(), || Ok((*text).to_owned())).expect("a file that can be read");
        }
        workspace
    }

    /// Whether there is a file or a folder at `path`, which is relative to the root.
    pub(super) fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        let is_folder =
            self.paths.range(folder.clone()..).next().is_some_and(|next| next.starts_with(&folder));
        is_folder || self.paths.contains(path) || path.is_empty()
    }

    /// The Rust files inside `folder`.
    pub(super) fn sources_in(&self, folder: &str) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(move |source| source.is_in(folder))
    }

    /// The manifest of the crate in `folder`.
    pub(super) fn manifest_in(&self, folder: &str) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| manifest.folder() == folder)
    }

    fn read_folder(&mut self, root: &Path, folder: &str) -> Result<()> {
        let at = root.join(folder);
        let cannot_list = || format!("cannot list {}", at.display());
        let entries = fs::read_dir(&at).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = entries.with_context(cannot_list)?;
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_str().with_context(|| format!("{} is no UTF-8", entry.path().display()))?;
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            if name.starts_with('.') || NOT_OURS.contains(&&*path) {
                continue;
            }
            if entry.path().is_dir() {
                self.read_folder(root, &path)?;
            } else {
                self.add(path, || Ok(fs::read_to_string(entry.path())?))?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: String, read: impl FnOnce() -> Result<String>) -> Result<()> {
        let cannot_read = || format!("cannot read {path}");
        if path.ends_with(".rs") {
            let source = read().and_then(|text| Source::parse(&path, &text));
            self.sources.push(source.with_context(cannot_read)?);
        } else if (path == "Cargo.toml" || path.ends_with("/Cargo.toml")) && path != OF_ANOTHER {
            let manifest = read().and_then(|text| Manifest::parse(&path, text));
            self.manifests.push(manifest.with_context(cannot_read)?);
        } else if path.ends_with(".md") {
            self.pages.push(Page { path: path.clone(), text: read().with_context(cannot_read)? });
        }
        self.paths.insert(path);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_there_as_well_as_files() {
        let workspace = Workspace::of(&[("docs/adr/001-a.md", ""), ("docs/adr-old.md", ""), ("LICENSE", "")]);
        for path in ["docs", "docs/adr", "docs/adr/001-a.md", "docs/adr-old.md", "LICENSE", ""] {
            assert!(workspace.has(path), "{path}");
        }
        for path in ["doc", "docs/adr/001", "docs/adr-old", "LICENSE.md"] {
            assert!(!workspace.has(path), "{path}");
        }
    }

    #[test]
    fn this_workspace_can_be_read() {
        let workspace = Workspace::read(crate::cargo::root()).unwrap();
        assert!(workspace.manifest_in("xtask").is_some() && workspace.has("xtask/src/tidy/workspace.rs"));
    }
}
