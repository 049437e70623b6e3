//! The root of a local storage. All that is here waits for the disk.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use adstead_domain::port::{FileInfo, FileKey, FilePage, FileTag, Precondition, StoredFile, Unfinished};
use jiff::Timestamp;
use tempfile::NamedTempFile;

use super::attributes;
use super::error::{LocalStorageError, holds_nothing};
use super::layout::{move_into_shards, path_of, segments_of};
use super::listing::{Listing, modified_at};
use super::staged::{self, Staged};

/// Where files stand until they are whole. No key can name it, since no segment of a key starts with a dot.
const STAGING: &str = ".staging";

/// Says how the folders below the root are laid out.
const LAYOUT: &str = ".layout";

/// The layout that this build knows: files in folders by the hash of their names.
const SHARDED: &str = "2";

/// Where locks are: whoever replaces or removes a file under a condition holds the one of its key alone.
const LOCKS: &str = ".locks";
const LOCK_COUNT: u8 = 64;

/// How many folders are remembered as durable.
const MAX_KNOWN_FOLDERS: usize = 65_536;

#[derive(Debug)]
pub(super) struct Folder {
    pub(super) root: PathBuf,
    staging: PathBuf,
    pub(super) keeps_attributes: bool,
    /// Folders that exist and are durable.
    known: Mutex<HashSet<PathBuf>>,
}

impl Folder {
    pub(super) fn open(root: PathBuf) -> Result<Self, LocalStorageError> {
        let open = || {
            let staging = root.join(STAGING);
            fs::create_dir_all(&staging)?;
            fs::create_dir_all(root.join(LOCKS))?;
            let probe = NamedTempFile::new_in(&staging)?;
            Ok((attributes::are_kept(probe.as_file()), staging))
        };
        let (keeps_attributes, staging) = match open() {
            Ok(opened) => opened,
            Err(source) => return Err(LocalStorageError::Root { root, source }),
        };
        let folder = Self { root, staging, keeps_attributes, known: Mutex::default() };
        folder.lay_out()?;
        folder.left_overs(None, true)?;
        Ok(folder)
    }

    /// Brings the root to the layout that this build knows.
    fn lay_out(&self) -> Result<(), LocalStorageError> {
        let path = self.root.join(LAYOUT);
        let lay_out = || {
            let mut file =
                OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
            file.lock()?;
            let mut known = String::new();
            file.read_to_string(&mut known)?;
            Ok((file, known))
        };
        let (mut file, known) = lay_out().map_err(LocalStorageError::at("open", &path))?;
        match known.trim() {
            SHARDED => Ok(()),
            "" => {
                let moved = move_into_shards(&self.root)?;
                if moved > 0 {
                    tracing::info!(moved, root = %self.root.display(), "moved files to where this version looks for them");
                }
                let write =
                    io::Write::write_all(&mut file, SHARDED.as_bytes()).and_then(|()| file.sync_all());
                write.map_err(LocalStorageError::at("write", &path))
            }
            other => {
                let source = io::Error::other(format!(
                    "its {LAYOUT} says `{other}`: a newer version of Adstead has filled it, use that one"
                ));
                Err(LocalStorageError::Root { root: self.root.clone(), source })
            }
        }
    }

    /// The file that was begun, or a new one.
    pub(super) fn stage(&self, begun: Option<Staged>) -> Result<Staged, LocalStorageError> {
        begun.map_or_else(|| Staged::create(&self.staging), Ok)
    }

    /// Makes a staged file durable and visible under `key`.
    pub(super) fn publish(
        &self,
        staged: Staged,
        key: &FileKey,
        condition: &Precondition,
    ) -> Result<StoredFile, LocalStorageError> {
        let path = self.path(key)?;
        let staged = staged.synced()?;
        let parent = path.parent().unwrap_or(&self.root);
        self.make_durable(parent)?;
        let (size_bytes, tag) = match condition {
            Precondition::None => {
                let _lock = self.lock(key, File::lock_shared)?;
                staged.placed(&path)?
            }
            Precondition::Absent => staged.placed_anew(&path)?,
            Precondition::Matches(seen) => {
                let _lock = self.lock(key, File::lock)?;
                if self.find(key)?.is_none_or(|(_, _, tag)| tag != *seen) {
                    return Err(LocalStorageError::Replaced);
                }
                staged.placed(&path)?
            }
        };
        sync_folder(parent)?;
        Ok(StoredFile { size_bytes, tag })
    }

    /// The file under `key`, from the beginning of `range` on, with what is known of it and the range as it is.
    pub(super) fn open_file(
        &self,
        key: &FileKey,
        range: Option<Range<u64>>,
    ) -> Result<Option<(File, FileInfo, Range<u64>)>, LocalStorageError> {
        let path = self.path(key)?;
        let open = || {
            let mut file = File::open(&path)?;
            let Some(info) = self.info(&file)? else { return Ok(None) };
            let range = range.unwrap_or(0..info.size_bytes);
            let start = range.start.min(info.size_bytes);
            let range = start..range.end.clamp(start, info.size_bytes);
            file.seek(SeekFrom::Start(start))?;
            Ok(Some((file, info, range)))
        };
        match open() {
            Ok(found) => Ok(found),
            Err(error) if holds_nothing(&error) => Ok(None),
            Err(error) => Err(LocalStorageError::at("open", &path)(error)),
        }
    }

    /// What is known of `file`; nothing where it is a folder.
    fn info(&self, file: &File) -> io::Result<Option<FileInfo>> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let (content_type, pairs) =
            if self.keeps_attributes { attributes::read(file)? } else { Default::default() };
        Ok(Some(FileInfo {
            size_bytes: metadata.len(),
            tag: staged::tag(&metadata)?,
            modified_at: modified_at(&metadata)?,
            content_type,
            metadata: pairs,
        }))
    }

    pub(super) fn delete(&self, keys: &[FileKey]) -> Result<(), LocalStorageError> {
        let mut changed = HashSet::new();
        for key in keys {
            let Some((path, ..)) = self.find(key)? else { continue };
            let _lock = self.lock(key, File::lock_shared)?;
            match fs::remove_file(&path) {
                Ok(()) => changed.extend(path.parent().map(Path::to_owned)),
                Err(error) if holds_nothing(&error) => {}
                Err(error) => return Err(LocalStorageError::at("delete", &path)(error)),
            }
        }
        changed.iter().try_for_each(|folder| sync_folder(folder))
    }

    pub(super) fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, LocalStorageError> {
        let Some((mut file, info, _)) = self.open_file(from, None)? else { return Ok(None) };
        let staged = self.stage(None)?.copied(&mut file)?;
        let staged = staged.described(info.content_type.as_ref(), &info.metadata)?;
        self.publish(staged, to, &Precondition::None).map(Some)
    }

    pub(super) fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, LocalStorageError> {
        let last =
            cursor.map(|cursor| cursor.parse().map_err(|_| LocalStorageError::Cursor(cursor.to_owned())));
        let last = last.transpose()?;
        if let Some(prefix) = prefix {
            self.without_links(segments_of(prefix))?;
        }
        Listing::page(&self.root, prefix, last.as_ref(), limit)
    }

    pub(super) fn left_overs(
        &self,
        before: Option<Timestamp>,
        remove: bool,
    ) -> Result<Unfinished, LocalStorageError> {
        staged::left_overs(&self.staging, before, remove)
    }

    /// The path, size and tag of the file under `key`.
    fn find(&self, key: &FileKey) -> Result<Option<(PathBuf, u64, FileTag)>, LocalStorageError> {
        let path = self.path(key)?;
        let look = || {
            let metadata = fs::symlink_metadata(&path)?;
            Ok((metadata.is_file(), metadata.len(), staged::tag(&metadata)?))
        };
        match look() {
            Ok((is_file, size, tag)) => Ok(is_file.then_some((path, size, tag))),
            Err(error) if holds_nothing(&error) => Ok(None),
            Err(error) => Err(LocalStorageError::at("look at", &path)(error)),
        }
    }

    /// The path that stands for `key`, on which no symbolic link lies.
    fn path(&self, key: &FileKey) -> Result<PathBuf, LocalStorageError> {
        let path = path_of(key);
        self.without_links(path.iter())
    }

    fn without_links(
        &self,
        segments: impl IntoIterator<Item = impl AsRef<Path>>,
    ) -> Result<PathBuf, LocalStorageError> {
        let mut path = self.root.clone();
        for segment in segments {
            path.push(segment);
            if path.is_symlink() {
                return Err(LocalStorageError::SymbolicLink { path });
            }
        }
        Ok(path)
    }

    fn lock(
        &self,
        key: &FileKey,
        take: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<File, LocalStorageError> {
        let hash = key.as_str().bytes().fold(0_u8, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte));
        let path = self.root.join(LOCKS).join(format!("{:02}", hash % LOCK_COUNT));
        let lock = || {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            take(&file)?;
            Ok(file)
        };
        lock().map_err(LocalStorageError::at("lock", &path))
    }

    /// Creates `folder` and those above it where they are missing, and makes them durable, once in a process.
    fn make_durable(&self, folder: &Path) -> Result<(), LocalStorageError> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(folder) && folder.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(folder).map_err(LocalStorageError::at("create", folder))?;
        for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(&self.root)) {
            sync_folder(above)?;
        }
        let mut known = known();
        if known.len() >= MAX_KNOWN_FOLDERS {
            known.clear();
        }
        known.insert(folder.to_owned());
        Ok(())
    }
}

/// Makes durable what was changed in `folder`.
fn sync_folder(folder: &Path) -> Result<(), LocalStorageError> {
    // Elsewhere a folder cannot be opened, and renames are durable on their own.
    if cfg!(unix) {
        let sync = File::open(folder).and_then(|folder| folder.sync_all());
        sync.map_err(LocalStorageError::at("sync", folder))?;
    }
    Ok(())
}
