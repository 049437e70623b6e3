use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use adstead_domain::Sha256Digest;
use adstead_domain::port::{
    ByteStream, FileKey, FileRefusal, FileRules, FileStore, PortError, PortErrorKind, StoredFile,
};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::validation::Inspection;

/// Where files stand until they are whole. No key can name it, since no segment of a key starts with a dot.
const STAGING: &str = ".staging";

/// Locked by every process that uses the root.
const LOCK: &str = ".lock";

/// How much of an upload is gathered before it is written, in bytes: a slow sender holds no thread meanwhile.
const WRITE_BYTES: usize = 256 << 10;

/// The size of the pieces that a reader gets, in bytes.
const READ_BYTES: usize = 64 << 10;

/// Files in a folder of this machine, each under its key as its path.
///
/// A file is written aside, hashed on the way, synced and renamed into place, and then the folders above it are synced:
/// whatever happens, it is there whole or not at all. Several processes may use one root. A symbolic link below the root
/// is never followed.
#[derive(Debug, Clone)]
pub struct LocalStorageStrategy {
    folder: Arc<Folder>,
}

impl LocalStorageStrategy {
    /// The storage in the folder `root`, which is made where it is missing. What a crash left half-written is removed,
    /// unless another process uses the root: it may be writing just that.
    ///
    /// # Errors
    /// `Unavailable` where the folder cannot be made or written to; the source names it.
    pub async fn open(root: impl Into<PathBuf>) -> Result<Self, PortError> {
        let root = root.into();
        let folder = blocking("files.open", move || Folder::open(root)).await?;
        Ok(Self { folder: Arc::new(folder) })
    }

    async fn with_folder<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Folder) -> Result<T, LocalStorageError> + Send + 'static,
    ) -> Result<T, PortError> {
        let folder = Arc::clone(&self.folder);
        blocking(operation, move || work(&folder)).await
    }
}

#[async_trait]
impl FileStore for LocalStorageStrategy {
    async fn put(
        &self,
        key: &FileKey,
        mut content: ByteStream,
        rules: &FileRules,
    ) -> Result<StoredFile, PortError> {
        const OPERATION: &str = "files.put";
        let mut inspection = Inspection::new(rules);
        let mut staged = self.with_folder(OPERATION, Folder::stage).await?;
        let mut gathered = Gathered::default();
        while let Some(piece) = content.try_next().await? {
            inspection.look_at(&piece).map_err(refused)?;
            gathered.push(piece);
            if gathered.bytes >= WRITE_BYTES {
                let pieces = gathered.take();
                staged = blocking(OPERATION, move || staged.written(&pieces)).await?;
            }
        }
        let inspected = inspection.finish().map_err(refused)?;
        let key = key.clone();
        let sha256 = self
            .with_folder(OPERATION, move |folder| folder.publish(staged.written(&gathered.take())?, &key))
            .await?;
        Ok(StoredFile {
            content_type: inspected.content_type,
            size_bytes: inspected.size_bytes,
            sha256,
            dimensions: inspected.dimensions,
        })
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<ByteStream>, PortError> {
        const OPERATION: &str = "files.get";
        let path = self.folder.root.join(key.as_str());
        let key = key.clone();
        let opened = self.with_folder(OPERATION, move |folder| folder.open_file(&key, range)).await?;
        Ok(opened.map(|(file, bytes)| {
            ReaderStream::with_capacity(tokio::fs::File::from_std(file).take(bytes), READ_BYTES)
                .map_err(move |error| LocalStorageError::at("read", &path)(error).into_port(OPERATION))
                .boxed()
        }))
    }

    async fn size(&self, key: &FileKey) -> Result<Option<u64>, PortError> {
        let key = key.clone();
        self.with_folder("files.size", move |folder| Ok(folder.find(&key)?.map(|(_, bytes)| bytes))).await
    }

    async fn delete(&self, key: &FileKey) -> Result<bool, PortError> {
        let key = key.clone();
        self.with_folder("files.delete", move |folder| folder.delete(&key)).await
    }
}

/// Pieces of an upload that wait to be written together.
#[derive(Default)]
struct Gathered {
    pieces: Vec<Bytes>,
    bytes: usize,
}

impl Gathered {
    fn push(&mut self, piece: Bytes) {
        self.bytes += piece.len();
        self.pieces.push(piece);
    }

    fn take(&mut self) -> Vec<Bytes> {
        self.bytes = 0;
        std::mem::take(&mut self.pieces)
    }
}

/// A file that is not in its place yet; dropped, it is removed. All its methods wait for the disk.
struct Staged {
    file: NamedTempFile,
    hasher: Sha256,
}

impl Staged {
    /// The same file with `pieces` at its end.
    fn written(mut self, pieces: &[Bytes]) -> Result<Self, LocalStorageError> {
        for piece in pieces {
            self.hasher.update(piece);
            self.file.write_all(piece).map_err(LocalStorageError::at("write", self.file.path()))?;
        }
        Ok(self)
    }
}

/// The root and a lock on it. All its methods wait for the disk.
#[derive(Debug)]
struct Folder {
    root: PathBuf,
    staging: PathBuf,
    /// Held shared. The system releases it when the process ends, however it ends.
    _lock: File,
}

impl Folder {
    fn open(root: PathBuf) -> Result<Self, LocalStorageError> {
        let open = || {
            let staging = root.join(STAGING);
            fs::create_dir_all(&staging)?;
            let lock = OpenOptions::new().create(true).truncate(false).write(true).open(root.join(LOCK))?;
            remove_left_overs(&staging, &lock)?;
            lock.lock_shared()?;
            NamedTempFile::new_in(&staging)?;
            Ok((staging, lock))
        };
        match open() {
            Ok((staging, lock)) => Ok(Self { root, staging, _lock: lock }),
            Err(source) => Err(LocalStorageError::Root { root, source }),
        }
    }

    fn stage(&self) -> Result<Staged, LocalStorageError> {
        let file =
            NamedTempFile::new_in(&self.staging).map_err(LocalStorageError::at("write to", &self.staging))?;
        Ok(Staged { file, hasher: Sha256::new() })
    }

    /// Makes a staged file durable and visible under `key`.
    fn publish(&self, staged: Staged, key: &FileKey) -> Result<Sha256Digest, LocalStorageError> {
        let Staged { file, hasher } = staged;
        file.as_file().sync_all().map_err(LocalStorageError::at("sync", file.path()))?;
        let path = self.path(key)?;
        let parent = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent).map_err(LocalStorageError::at("create", parent))?;
        file.persist(&path).map_err(|failed| LocalStorageError::at("move a file to", &path)(failed.error))?;
        self.sync_folders(parent)?;
        Ok(Sha256Digest::new(hasher.finalize().into()))
    }

    fn open_file(
        &self,
        key: &FileKey,
        range: Option<Range<u64>>,
    ) -> Result<Option<(File, u64)>, LocalStorageError> {
        let Some((path, size)) = self.find(key)? else {
            return Ok(None);
        };
        let range = range.unwrap_or(0..size);
        let start = range.start.min(size);
        let end = range.end.clamp(start, size);
        let open = || {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(start))?;
            Ok(file)
        };
        match open() {
            Ok(file) => Ok(Some((file, end - start))),
            Err(error) if holds_nothing(&error) => Ok(None),
            Err(error) => Err(LocalStorageError::at("open", &path)(error)),
        }
    }

    fn delete(&self, key: &FileKey) -> Result<bool, LocalStorageError> {
        let Some((path, _)) = self.find(key)? else {
            return Ok(false);
        };
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if holds_nothing(&error) => return Ok(false),
            Err(error) => return Err(LocalStorageError::at("delete", &path)(error)),
        }
        self.sync_folders(path.parent().unwrap_or(&self.root))?;
        Ok(true)
    }

    /// The path and size of the file under `key`.
    fn find(&self, key: &FileKey) -> Result<Option<(PathBuf, u64)>, LocalStorageError> {
        let path = self.path(key)?;
        match fs::symlink_metadata(&path) {
            Ok(metadata) => Ok(metadata.is_file().then_some((path, metadata.len()))),
            Err(error) if holds_nothing(&error) => Ok(None),
            Err(error) => Err(LocalStorageError::at("look at", &path)(error)),
        }
    }

    /// The path that stands for `key`, on which no symbolic link lies.
    fn path(&self, key: &FileKey) -> Result<PathBuf, LocalStorageError> {
        let mut path = self.root.clone();
        for segment in key.as_str().split('/') {
            path.push(segment);
            if path.is_symlink() {
                return Err(LocalStorageError::SymbolicLink { path });
            }
        }
        Ok(path)
    }

    /// Makes durable what was changed in `folder` and, since any of the folders above may be new, in those up to the root.
    fn sync_folders(&self, folder: &Path) -> Result<(), LocalStorageError> {
        // Elsewhere a folder cannot be opened, and renames are durable on their own.
        if cfg!(unix) {
            for folder in folder.ancestors().take_while(|folder| folder.starts_with(&self.root)) {
                let sync = File::open(folder).and_then(|folder| folder.sync_all());
                sync.map_err(LocalStorageError::at("sync", folder))?;
            }
        }
        Ok(())
    }
}

/// Removes what is staged, if nobody can be writing it: who stages holds `lock` shared.
fn remove_left_overs(staging: &Path, lock: &File) -> io::Result<()> {
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    for entry in fs::read_dir(staging)? {
        let path = entry?.path();
        fs::remove_file(&path)?;
        tracing::info!(path = %path.display(), "removed an upload that never ended");
    }
    lock.unlock()
}

/// Whether a path could not be opened since it, or a folder on the way, does not exist.
fn holds_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Runs `work` where waiting for the disk holds up nobody else.
async fn blocking<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> Result<T, LocalStorageError> + Send + 'static,
) -> Result<T, PortError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| error.into_port(operation)),
        Err(lost) => Err(PortError::new(PortErrorKind::Unexpected, operation).with_source(lost)),
    }
}

fn refused(refusal: FileRefusal) -> PortError {
    PortError::new(PortErrorKind::Rejected, "files.put").with_source(refusal)
}

#[derive(Debug, thiserror::Error)]
enum LocalStorageError {
    #[error(
        "the storage folder {} cannot be used: name a folder that the user who runs adstead may write to",
        .root.display()
    )]
    Root { root: PathBuf, source: io::Error },
    #[error("{} is a symbolic link, which the storage never follows: put what it points to in its place", .path.display())]
    SymbolicLink { path: PathBuf },
    #[error("cannot {action} {}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

impl LocalStorageError {
    fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    fn into_port(self, operation: &'static str) -> PortError {
        let kind = match &self {
            Self::Root { .. } => PortErrorKind::Unavailable,
            Self::SymbolicLink { .. } => PortErrorKind::Corrupt,
            Self::Io { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => PortErrorKind::Full,
                ErrorKind::ReadOnlyFilesystem => PortErrorKind::Unavailable,
                ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::AlreadyExists => {
                    PortErrorKind::Conflict
                }
                _ => PortErrorKind::Unexpected,
            },
        };
        PortError::new(kind, operation).with_source(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_fault_of_the_file() {
        let full = LocalStorageError::at("write", Path::new("/data/x"))(ErrorKind::StorageFull.into());
        assert_eq!(full.into_port("files.put").kind, PortErrorKind::Full);
    }
}
