use std::ops::Range;
use std::sync::Arc;

use adstead_domain::port::{ByteStream, Clock, FileContent, FileInfo, FileStore, MediaType, PutOptions};
use adstead_domain::{FileGrant, FileLeave, NoGrant, SigningKey};

use super::admit::refusal_or_fault;
use crate::Error;

/// Reads and stores files for whoever holds the leave to, where the storage cannot do so by itself.
pub struct GrantedFiles {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What grants are sealed with.
    pub key: SigningKey,
}

impl GrantedFiles {
    /// What the sealed grant allows.
    ///
    /// # Errors
    /// It was not sealed here, or has expired.
    pub fn open(&self, sealed: &str) -> Result<FileGrant, NoGrant> {
        FileGrant::open(sealed, &self.key, self.clock.now())
    }

    /// What is known of the file that may be read.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn head(&self, grant: &FileGrant) -> Result<FileInfo, Error> {
        let found = self.files.head(&grant.key).await?;
        found.ok_or_else(|| Error::not_found("file", "at this address"))
    }

    /// The file that may be read, or a range of its bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn read(&self, grant: &FileGrant, range: Option<Range<u64>>) -> Result<FileContent, Error> {
        let found = self.files.get(&grant.key, range).await?;
        found.ok_or_else(|| Error::not_found("file", "at this address"))
    }

    /// Stores the file that may be stored.
    ///
    /// # Errors
    /// [`Error::File`] where it is not as large as it must be.
    pub async fn store(&self, grant: &FileGrant, content: ByteStream) -> Result<(), Error> {
        let (size_bytes, content_type): (_, Option<MediaType>) = match &grant.leave {
            FileLeave::Store { size_bytes, content_type } => (*size_bytes, content_type.clone()),
            FileLeave::Read { .. } => {
                return Err(Error::not_found("file", "that may be stored at this address"));
            }
        };
        let options = PutOptions { size_bytes: Some(size_bytes), content_type, ..PutOptions::default() };
        self.files.put(&grant.key, content, &options).await.map_err(refusal_or_fault)?;
        Ok(())
    }
}
