mod attributes;
mod error;
mod folder;
mod layout;
mod listing;
mod staged;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use adstead_domain::port::{
    ByteStream, FileCapabilities, FileContent, FileInfo, FileKey, FilePage, FileStore, PortError,
    PortErrorKind, PresignGet, PresignPut, PutOptions, SignedRequest, StoredFile, Unfinished, Unsupported,
};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::announced::as_announced;
use error::LocalStorageError;
use folder::Folder;

/// How much of an upload is gathered before it is written, in bytes: a slow sender holds no thread meanwhile, and a file of
/// no more costs one turn of a thread.
const WRITE_BYTES: usize = 1 << 20;

/// The size of the pieces that a reader gets, in bytes.
const READ_BYTES: usize = 64 << 10;

/// Files in a folder of this machine.
///
/// A file is written aside, synced and renamed into place, and then the folder that it is in is synced: whatever happens, it
/// is there whole or not at all. Several processes may use one root. A symbolic link below the root is never followed. The
/// media type and the pairs of metadata are extended attributes of the file, where the file system has those.
///
/// The file under `assets/0199/7f2c` is `assets/0199/@b0/7f2c`: the last folder is one of 256, chosen by a hash of the
/// name, so that a million files stay four thousand in each. Presigned requests are not its business.
#[derive(Debug, Clone)]
pub struct LocalStorageStrategy {
    folder: Arc<Folder>,
}

impl LocalStorageStrategy {
    /// The storage in the folder `root`, which is made where it is missing. What a crash left half-written is removed.
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
    fn capabilities(&self) -> FileCapabilities {
        FileCapabilities {
            create_only: true,
            if_match: true,
            metadata: self.folder.keeps_attributes,
            presigned_get: false,
            presigned_put: false,
        }
    }

    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        const OPERATION: &str = "files.put";
        let mut content = as_announced(content, options.size_bytes);
        let mut staged = None;
        let mut gathered = Gathered::default();
        while let Some(piece) = content.try_next().await? {
            if gathered.bytes + piece.len() > WRITE_BYTES {
                let pieces = gathered.take();
                let write = move |folder: &Folder| folder.stage(staged)?.written(&pieces);
                staged = Some(self.with_folder(OPERATION, write).await?);
            }
            gathered.push(piece);
        }
        let (key, options) = (key.clone(), options.clone());
        let put = move |folder: &Folder| {
            let mut staged = folder.stage(staged)?.written(&gathered.take())?;
            if folder.keeps_attributes {
                staged = staged.described(options.content_type.as_ref(), &options.metadata)?;
            }
            folder.publish(staged, &key, &options.condition)
        };
        self.with_folder(OPERATION, put).await
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        const OPERATION: &str = "files.get";
        let path = self.folder.root.join(key.as_str());
        let key = key.clone();
        let opened = self.with_folder(OPERATION, move |folder| folder.open_file(&key, range)).await?;
        Ok(opened.map(|(file, info, range)| {
            let wanted = tokio::fs::File::from_std(file).take(range.end - range.start);
            let bytes = ReaderStream::with_capacity(wanted, READ_BYTES)
                .map_err(move |error| LocalStorageError::at("read", &path)(error).into_port(OPERATION))
                .boxed();
            FileContent { info, range, bytes }
        }))
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        let key = key.clone();
        let opened = self.with_folder("files.head", move |folder| folder.open_file(&key, None)).await?;
        Ok(opened.map(|(_, info, _)| info))
    }

    async fn delete(&self, key: &FileKey) -> Result<(), PortError> {
        let key = key.clone();
        self.with_folder("files.delete", move |folder| folder.delete(&[key])).await
    }

    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError> {
        let keys = keys.to_vec();
        self.with_folder("files.delete_many", move |folder| folder.delete(&keys)).await
    }

    async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, PortError> {
        let (prefix, cursor) = (prefix.cloned(), cursor.map(str::to_owned));
        let list = move |folder: &Folder| folder.list(prefix.as_ref(), cursor.as_deref(), limit);
        self.with_folder("files.list", list).await
    }

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        let (from, to) = (from.clone(), to.clone());
        self.with_folder("files.copy", move |folder| folder.copy(&from, &to)).await
    }

    async fn presign_get(&self, _: &FileKey, _: &PresignGet) -> Result<SignedRequest, PortError> {
        Err(unsigned("files.presign_get"))
    }

    async fn presign_put(&self, _: &FileKey, _: &PresignPut) -> Result<SignedRequest, PortError> {
        Err(unsigned("files.presign_put"))
    }

    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError> {
        self.with_folder("files.unfinished", move |folder| folder.left_overs(Some(before), remove)).await
    }
}

fn unsigned(operation: &'static str) -> PortError {
    PortError::new(PortErrorKind::Rejected, operation).with_source(Unsupported::Presigned)
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
