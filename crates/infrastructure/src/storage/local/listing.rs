//! Files of a root, page by page, in the order of their paths.

use std::fs::{self, FileType};
use std::io;
use std::path::Path;

use adstead_domain::port::{FileKey, FilePage, ListedFile};
use jiff::Timestamp;

use super::error::{LocalStorageError, holds_nothing};
use super::layout::{is_shard, path_of};

/// A page of files, filled on the way through the folders.
pub(super) struct Listing {
    limit: usize,
    files: Vec<ListedFile>,
    has_more: bool,
}

impl Listing {
    /// The page of `limit` files in `root` below `prefix` that come after `last`.
    pub(super) fn page(
        root: &Path,
        prefix: Option<&FileKey>,
        last: Option<&FileKey>,
        limit: u16,
    ) -> Result<FilePage, LocalStorageError> {
        let mut listing = Self { limit: limit.into(), files: Vec::new(), has_more: false };
        let folder = prefix.map_or_else(|| root.to_owned(), |prefix| root.join(prefix.as_str()));
        let passed = last.map(path_of);
        let below = prefix.map_or_else(Default::default, |prefix| Path::new(prefix.as_str()).to_owned());
        let passed = passed.as_deref().and_then(|path| path.strip_prefix(below).ok()).map(segments);
        listing.visit(&folder, prefix.map(FileKey::as_str), passed.as_deref().unwrap_or_default())?;
        let Self { files, has_more, .. } = listing;
        let next = files.last().filter(|_| has_more).map(|last| last.key.to_string());
        Ok(FilePage { files, next })
    }

    /// Takes what is in `folder`, whose key is `key`, after the path `passed` in it.
    fn visit(
        &mut self,
        folder: &Path,
        key: Option<&str>,
        passed: &[String],
    ) -> Result<(), LocalStorageError> {
        let (passed_here, passed_below) =
            passed.split_first().map_or(("", &[][..]), |(here, below)| (here, below));
        for (name, kind) in entries(folder).map_err(LocalStorageError::at("read", folder))? {
            if self.has_more {
                break;
            }
            if *name < *passed_here {
                continue;
            }
            let is_on_the_way = name == passed_here;
            let path = folder.join(&name);
            if kind.is_dir() {
                let below = if is_shard(&name) { key.map(str::to_owned) } else { Some(joined(key, &name)) };
                self.visit(&path, below.as_deref(), if is_on_the_way { passed_below } else { &[] })?;
            } else if kind.is_file() && !(is_on_the_way && passed_below.is_empty()) {
                self.take(&path, &joined(key, &name))?;
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, key: &str) -> Result<(), LocalStorageError> {
        let Ok(key) = key.parse() else { return Ok(()) };
        if self.files.len() == self.limit {
            self.has_more = true;
            return Ok(());
        }
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            // It was removed since the folder was read.
            Err(error) if holds_nothing(&error) => return Ok(()),
            Err(error) => return Err(LocalStorageError::at("look at", path)(error)),
        };
        let modified_at = modified_at(&metadata).map_err(LocalStorageError::at("look at", path))?;
        self.files.push(ListedFile { key, stored_bytes: metadata.len(), modified_at });
        Ok(())
    }
}

pub(super) fn modified_at(metadata: &fs::Metadata) -> io::Result<Timestamp> {
    Timestamp::try_from(metadata.modified()?).map_err(io::Error::other)
}

fn joined(key: Option<&str>, name: &str) -> String {
    key.map_or_else(|| name.to_owned(), |key| format!("{key}/{name}"))
}

fn segments(path: &Path) -> Vec<String> {
    path.iter().map(|segment| segment.to_string_lossy().into_owned()).collect()
}

/// What is in a folder, sorted by name; nothing where there is no folder. What no key can name is left out.
fn entries(folder: &Path) -> io::Result<Vec<(String, FileType)>> {
    let read = match fs::read_dir(folder) {
        Ok(read) => read,
        Err(error) if holds_nothing(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut entries = Vec::new();
    for entry in read {
        let entry = entry?;
        if let Some(name) = entry.file_name().to_str().filter(|name| !name.starts_with('.')) {
            entries.push((name.to_owned(), entry.file_type()?));
        }
    }
    entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(entries)
}
