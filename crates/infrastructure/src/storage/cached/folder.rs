//! The folder of the cache. What waits for the disk says so.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adstead_domain::port::{FileInfo, FileKey};
use bytes::Bytes;
use jiff::Timestamp;
use tempfile::NamedTempFile;
use tokio::runtime::Handle;

use super::entry;
use super::index::{Entry, Index, Number, path};
use crate::storage::framed::clamped;

#[derive(Debug)]
pub(super) struct Folder {
    entries: PathBuf,
    staging: PathBuf,
    max_bytes: u64,
    index: Mutex<Index>,
    pub(super) evictions: AtomicU64,
    /// How many files were read that could not be kept, since the disk failed or is full.
    pub(super) unkept: AtomicU64,
    was_writable: AtomicBool,
    /// Held while the folder is in use.
    _lock: File,
}

impl Folder {
    /// Waits for the disk. What is found in the folder is kept, if it is whole.
    pub(super) fn open(root: &Path, max_bytes: u64) -> io::Result<Self> {
        let (entries, staging) = (root.join("entries"), root.join("staging"));
        fs::create_dir_all(&entries)?;
        fs::create_dir_all(&staging)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(root.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::other("another process uses it: give each one its own"),
            TryLockError::Error(error) => error,
        })?;
        for left_over in fs::read_dir(&staging)? {
            fs::remove_file(left_over?.path())?;
        }
        drop(NamedTempFile::new_in(&staging)?);
        let folder = Self {
            index: Mutex::new(found_in(&entries)?),
            entries,
            staging,
            max_bytes,
            evictions: AtomicU64::new(0),
            unkept: AtomicU64::new(0),
            was_writable: AtomicBool::new(true),
            _lock: lock,
        };
        let too_many = folder.index().shrink(max_bytes);
        folder.remove(&too_many);
        Ok(folder)
    }

    pub(super) fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cached file, from the beginning of `range` on, with what is known of it and the range as it is. Waits for
    /// the disk.
    pub(super) fn open_entry(
        &self,
        key: &FileKey,
        range: Option<Range<u64>>,
    ) -> Option<(File, FileInfo, Range<u64>)> {
        let number = self.index().find(key)?.number;
        let open = || {
            let mut file = File::open(path(&self.entries, number))?;
            let Some((found, info)) = entry::read(&mut file)? else {
                return Err(io::Error::other("it is torn"));
            };
            if found != *key {
                return Err(io::Error::other("it is another file"));
            }
            let range = clamped(range, info.size_bytes);
            file.seek_relative(i64::try_from(range.start).map_err(io::Error::other)?)?;
            Ok((file, info, range))
        };
        open().inspect_err(|error| self.entry_failed(key, number, error)).ok()
    }

    /// Drops an entry that cannot be read.
    pub(super) fn entry_failed(&self, key: &FileKey, number: Number, error: &io::Error) {
        let removed = self.index().remove_this(key, number);
        if let Some(number) = removed {
            tracing::warn!(%key, %error, "a cached file cannot be read and is dropped");
            self.remove(&[number]);
        }
    }

    /// Drops what is kept of these files, and what is on its way.
    pub(super) fn forget(self: &Arc<Self>, keys: &[FileKey]) {
        let mut index = self.index();
        let removed = keys.iter().filter_map(|key| index.forget(key)).collect::<Vec<_>>();
        drop(index);
        if removed.is_empty() {
            return;
        }
        let folder = Arc::clone(self);
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || folder.remove(&removed))),
            Err(_) => folder.remove(&removed),
        }
    }

    /// Waits for the disk.
    fn remove(&self, numbers: &[Number]) {
        for number in numbers {
            let path = path(&self.entries, *number);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(path = %path.display(), %error, "a cached file cannot be removed");
                }
                _ => {}
            }
        }
    }

    fn failed_to_keep(&self, error: &io::Error) {
        self.unkept.fetch_add(1, Ordering::Relaxed);
        if self.was_writable.swap(false, Ordering::Relaxed) {
            let folder = self.staging.display();
            tracing::warn!(%folder, %error, "files that are read cannot be cached: make room, or mend the disk");
        }
    }
}

/// What is in the folder `entries`, the oldest first; what is torn is removed.
fn found_in(entries: &Path) -> io::Result<Index> {
    let mut numbers = Vec::new();
    for found in fs::read_dir(entries)? {
        let name = found?.file_name();
        let name = name.to_str().filter(|name| name.len() == 16);
        numbers.extend(name.and_then(|name| Number::from_str_radix(name, 16).ok()));
    }
    numbers.sort_unstable();
    let mut index = Index::default();
    for number in numbers {
        let path = path(entries, number);
        let read = File::open(&path).and_then(|mut file| {
            let known = entry::read(&mut file)?;
            Ok((known, file.metadata()?.len()))
        });
        index.last_number = index.last_number.max(number);
        match read {
            Ok((Some((key, info)), bytes)) => {
                if let Some(older) = index.insert(key, Entry::new(number, info, bytes, None)) {
                    fs::remove_file(self::path(entries, older))?;
                }
            }
            Ok((None, _)) | Err(_) => fs::remove_file(&path)?,
        }
    }
    Ok(index)
}

/// A file that is to be cached. Dropped, it is not.
#[derive(Debug)]
pub(super) struct Announced {
    folder: Arc<Folder>,
    key: FileKey,
    number: Number,
    reserved: u64,
    /// Before its content was asked for.
    at: Timestamp,
}

impl Announced {
    /// Announces the file, before it is asked for, so that a change that comes between is noticed; nothing where it
    /// is on its way already.
    pub(super) fn new(folder: &Arc<Folder>, key: &FileKey, at: Timestamp) -> Option<Self> {
        let number = folder.index().announce(key)?;
        Some(Self { folder: Arc::clone(folder), key: key.clone(), number, reserved: 0, at })
    }

    /// Makes room. Waits for the disk.
    pub(super) fn begun(mut self, info: FileInfo) -> Option<Arriving> {
        let header = entry::header(&self.key, &info)?;
        let bytes = header.len() as u64 + info.size_bytes;
        let evicted = self.folder.index().reserve(bytes, self.folder.max_bytes)?;
        self.reserved = bytes;
        self.folder.evictions.fetch_add(evicted.len() as u64, Ordering::Relaxed);
        self.folder.remove(&evicted);
        let begun = NamedTempFile::new_in(&self.folder.staging).and_then(|mut file| {
            file.write_all(&header)?;
            Ok(file)
        });
        match begun {
            Ok(file) => Some(Arriving { file, info, announced: self }),
            Err(error) => {
                self.folder.failed_to_keep(&error);
                None
            }
        }
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        self.folder.index().withdraw(&self.key, self.number, self.reserved);
    }
}

/// A file that is being cached. Dropped, it is not.
#[derive(Debug)]
pub(super) struct Arriving {
    file: NamedTempFile,
    info: FileInfo,
    announced: Announced,
}

impl Arriving {
    pub(super) fn size_bytes(&self) -> u64 {
        self.info.size_bytes
    }

    /// The same file with `pieces` at its end; nothing where the disk does not take them. Waits for the disk.
    pub(super) fn written(mut self, pieces: &[Bytes]) -> Option<Self> {
        for piece in pieces {
            if let Err(error) = self.file.write_all(piece) {
                self.announced.folder.failed_to_keep(&error);
                return None;
            }
        }
        Some(self)
    }

    /// Keeps it, now that it is whole, unless it was replaced meanwhile. Waits for the disk.
    pub(super) fn finished(self) {
        let Self { file, info, announced } = self;
        let Announced { folder, key, number, reserved, at } = &announced;
        let target = path(&folder.entries, *number);
        // It is whole on the disk before it has its name: a crash leaves no torn entry.
        let placed = file.as_file().sync_data().and_then(|()| Ok(file.persist(&target)?));
        if let Err(error) = placed {
            return folder.failed_to_keep(&error);
        }
        folder.was_writable.store(true, Ordering::Relaxed);
        let mut index = folder.index();
        let removed = match index.is_expected(key, *number) {
            true => index.insert(key.clone(), Entry::new(*number, info, *reserved, Some(*at))),
            false => Some(*number),
        };
        drop(index);
        folder.remove(removed.as_slice());
    }
}
