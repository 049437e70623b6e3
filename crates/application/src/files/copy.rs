use std::sync::Arc;

use adstead_domain::port::{
    FileContent, FileKey, FileStore, FileStoreExt, ListedFile, PortError, PortErrorKind, PutOptions, hashed,
};
use futures::{StreamExt, TryStreamExt, stream};

use crate::Error;

/// Copies every file of one storage to another, as it is stored: compressed and encrypted files stay so.
pub struct CopyFiles {
    /// Where the files are.
    pub from: Arc<dyn FileStore>,
    /// Where they shall be.
    pub to: Arc<dyn FileStore>,
}

/// What was done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Files that were copied, and read back.
    pub copied: u64,
    /// The bytes that they hold.
    pub bytes: u64,
    /// Files that were there already.
    pub present: u64,
    /// Files that went away before they were copied.
    pub gone: u64,
}

/// What became of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyProgress {
    /// It was copied, with so many bytes.
    Copied(u64),
    /// It was there already.
    Present,
    /// It was gone.
    Gone,
}

/// How many files are listed at once.
const PAGE: u16 = 500;

/// How many files are copied at the same time.
const COPIERS: usize = 4;

impl CopyFiles {
    /// Copies what is not there yet, reads each copy back, and tells `report` of each file. Interrupted, it goes on where it is
    /// run again: a file of the same size counts as copied where it is not older than its source, or reads the same.
    ///
    /// # Errors
    /// [`Error::Port`] where a storage fails; `Corrupt` where a copy is not what was copied.
    pub async fn execute(&self, mut report: impl FnMut(&FileKey, CopyProgress)) -> Result<Copied, Error> {
        let mut sum = Copied::default();
        let mut cursor = None::<String>;
        loop {
            let page = self.from.list(None, cursor.as_deref(), PAGE).await?;
            let mut copies = stream::iter(page.files)
                .map(|file| async { self.copy(&file).await.map(|progress| (file.key, progress)) })
                .buffer_unordered(COPIERS);
            while let Some((key, progress)) = copies.try_next().await? {
                match progress {
                    CopyProgress::Copied(bytes) => {
                        sum.copied += 1;
                        sum.bytes += bytes;
                    }
                    CopyProgress::Present => sum.present += 1,
                    CopyProgress::Gone => sum.gone += 1,
                }
                report(&key, progress);
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(sum);
            }
        }
    }

    async fn copy(&self, file: &ListedFile) -> Result<CopyProgress, Error> {
        let ListedFile { key, stored_bytes, modified_at } = file;
        if let Some(there) = self.to.head(key).await?
            && there.size_bytes == *stored_bytes
            // Times of S3 are whole seconds, so what was copied within one looks older.
            && (there.modified_at >= *modified_at || self.from.digest(key).await? == self.to.digest(key).await?)
        {
            return Ok(CopyProgress::Present);
        }
        let Some(source) = self.from.get(key, None).await? else { return Ok(CopyProgress::Gone) };
        let FileContent { info, bytes, .. } = source;
        let options = PutOptions {
            size_bytes: Some(info.size_bytes),
            content_type: info.content_type,
            metadata: info.metadata,
            ..PutOptions::default()
        };
        let (bytes, sent) = hashed(bytes);
        self.to.put(key, bytes, &options).await?;
        if self.to.digest(key).await? != Some((info.size_bytes, sent.finish())) {
            let spoiled =
                "the copy does not read as what was copied: look after the disk or the server that it is on";
            return Err(PortError::new(PortErrorKind::Corrupt, "files.copy").with_source(spoiled).into());
        }
        Ok(CopyProgress::Copied(info.size_bytes))
    }
}
