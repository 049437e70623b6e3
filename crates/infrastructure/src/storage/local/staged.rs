//! A file that is not in its place yet.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use adstead_domain::port::{FileMetadata, FileTag, MediaType, Unfinished};
use bytes::Bytes;
use jiff::Timestamp;
use tempfile::NamedTempFile;

use super::attributes;
use super::error::{LocalStorageError, holds_nothing};

/// Dropped, it is removed. While it lives it is locked, so that no other process takes it for a left-over. All its
/// methods wait for the disk.
pub(super) struct Staged {
    file: NamedTempFile,
    bytes: u64,
}

impl Staged {
    pub(super) fn create(staging: &Path) -> Result<Self, LocalStorageError> {
        let create = || loop {
            let file = NamedTempFile::new_in(staging)?;
            file.as_file().lock_shared()?;
            // Whoever removes left-overs may have come between.
            if fs::exists(file.path())? {
                return Ok(file);
            }
        };
        let file = create().map_err(LocalStorageError::at("write to", staging))?;
        Ok(Self { file, bytes: 0 })
    }

    /// The same file with `pieces` at its end.
    pub(super) fn written(mut self, pieces: &[Bytes]) -> Result<Self, LocalStorageError> {
        for piece in pieces {
            self.file.write_all(piece).map_err(LocalStorageError::at("write", self.file.path()))?;
            self.bytes += piece.len() as u64;
        }
        Ok(self)
    }

    /// The same file with the content of another.
    pub(super) fn copied(mut self, source: &mut File) -> Result<Self, LocalStorageError> {
        let copy = io::copy(source, self.file.as_file_mut());
        self.bytes += copy.map_err(LocalStorageError::at("write", self.file.path()))?;
        Ok(self)
    }

    pub(super) fn described(
        self,
        content_type: Option<&MediaType>,
        metadata: &FileMetadata,
    ) -> Result<Self, LocalStorageError> {
        let written = attributes::write(self.file.as_file(), content_type, metadata);
        written.map_err(LocalStorageError::at("write attributes of", self.file.path()))?;
        Ok(self)
    }

    /// Makes it durable, wherever it will stand.
    pub(super) fn synced(self) -> Result<Self, LocalStorageError> {
        let file = self.file.as_file();
        let sync = || {
            file.set_modified(told_apart(file.metadata()?.modified()?))?;
            file.sync_all()
        };
        sync().map_err(LocalStorageError::at("sync", self.file.path()))?;
        Ok(self)
    }

    /// Moves it to `path`, in the place of what is there.
    pub(super) fn placed(self, path: &Path) -> Result<(u64, FileTag), LocalStorageError> {
        self.moved(path, |file| file.persist(path))
    }

    /// Moves it to `path`, where nothing is.
    pub(super) fn placed_anew(self, path: &Path) -> Result<(u64, FileTag), LocalStorageError> {
        match self.moved(path, |file| file.persist_noclobber(path)) {
            Err(LocalStorageError::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
                Err(LocalStorageError::Present)
            }
            outcome => outcome,
        }
    }

    fn moved(
        self,
        path: &Path,
        persist: impl FnOnce(NamedTempFile) -> Result<File, tempfile::PersistError>,
    ) -> Result<(u64, FileTag), LocalStorageError> {
        let file = persist(self.file)
            .map_err(|failed| LocalStorageError::at("move a file to", path)(failed.error))?;
        let metadata = file.metadata().map_err(LocalStorageError::at("look at", path))?;
        Ok((self.bytes, tag(&metadata).map_err(LocalStorageError::at("look at", path))?))
    }
}

/// The time with chance in its last digits: clocks of file systems stand still for milliseconds, in which a number of an
/// inode can come back.
fn told_apart(time: SystemTime) -> SystemTime {
    const MILLI: u32 = 1_000_000;
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let nanos = since.subsec_nanos() / MILLI * MILLI + chance() % MILLI;
    SystemTime::UNIX_EPOCH + Duration::new(since.as_secs(), nanos)
}

#[expect(
    clippy::disallowed_methods,
    reason = "it tells files apart and is no secret; tests see only that they differ"
)]
fn chance() -> u32 {
    rand::random()
}

/// The tag of the file that `metadata` is of.
pub(super) fn tag(metadata: &fs::Metadata) -> io::Result<FileTag> {
    let modified = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok(FileTag::new(format!("{:x}-{:x}-{:x}", inode(metadata), modified.as_nanos(), metadata.len())))
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

/// Counts what is staged in `staging`, was last written before `before`, if there is such a time, and is nobody's; with
/// `remove`, removes it.
pub(super) fn left_overs(
    staging: &Path,
    before: Option<Timestamp>,
    remove: bool,
) -> Result<Unfinished, LocalStorageError> {
    let mut found = Unfinished::default();
    for entry in fs::read_dir(staging).map_err(LocalStorageError::at("read", staging))? {
        let path = entry.map_err(LocalStorageError::at("read", staging))?.path();
        if let Some(bytes) =
            left_over(&path, before, remove).map_err(LocalStorageError::at("remove", &path))?
        {
            found.files += 1;
            found.bytes += bytes;
        }
    }
    Ok(found)
}

fn left_over(path: &PathBuf, before: Option<Timestamp>, remove: bool) -> io::Result<Option<u64>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if holds_nothing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    let before = before.map(SystemTime::from);
    if !metadata.is_file() || before.is_some_and(|before| metadata.modified().is_ok_and(|it| it >= before)) {
        return Ok(None);
    }
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    if remove {
        match fs::remove_file(path) {
            Err(error) if !holds_nothing(&error) => return Err(error),
            _ => tracing::info!(path = %path.display(), "removed an upload that never ended"),
        }
    }
    Ok(Some(metadata.len()))
}
