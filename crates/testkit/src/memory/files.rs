use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use adstead_domain::port::{
    ByteStream, FileKey, FileRefusal, FileRules, FileStore, PortError, PortErrorKind, StoredFile,
};
use adstead_domain::{ContentType, Dimensions, Sha256Digest};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};

/// Files in memory.
#[derive(Debug, Default)]
pub struct MemoryFileStore {
    files: Mutex<BTreeMap<FileKey, Bytes>>,
}

impl MemoryFileStore {
    fn files(&self) -> MutexGuard<'_, BTreeMap<FileKey, Bytes>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl FileStore for MemoryFileStore {
    async fn put(
        &self,
        key: &FileKey,
        mut content: ByteStream,
        rules: &FileRules,
    ) -> Result<StoredFile, PortError> {
        let refused = |refusal| PortError::new(PortErrorKind::Rejected, "files.put").with_source(refusal);
        let mut file = Vec::new();
        while let Some(piece) = content.try_next().await? {
            file.extend_from_slice(&piece);
            if file.len() as u64 > rules.max_bytes {
                return Err(refused(FileRefusal::TooLarge { max_bytes: rules.max_bytes }));
            }
        }
        let stored = describe(&file, rules).map_err(refused)?;
        self.files().insert(key.clone(), file.into());
        Ok(stored)
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<ByteStream>, PortError> {
        let Some(file) = self.files().get(key).cloned() else {
            return Ok(None);
        };
        let clamped =
            |offset: u64| usize::try_from(offset).map_or(file.len(), |offset| offset.min(file.len()));
        let range = range.map_or(0..file.len(), |range| clamped(range.start)..clamped(range.end));
        let bytes = if range.is_empty() { Bytes::new() } else { file.slice(range) };
        Ok(Some(stream::once(async { Ok(bytes) }).boxed()))
    }

    async fn size(&self, key: &FileKey) -> Result<Option<u64>, PortError> {
        Ok(self.files().get(key).map(|file| file.len() as u64))
    }

    async fn delete(&self, key: &FileKey) -> Result<bool, PortError> {
        Ok(self.files().remove(key).is_some())
    }
}

fn describe(file: &[u8], rules: &FileRules) -> Result<StoredFile, FileRefusal> {
    let head = &file[..file.len().min(ContentType::SIGNATURE_BYTES)];
    let content_type = ContentType::recognise(head, rules)?;
    let dimensions =
        content_type.is_image().then(|| dimensions(file).ok_or(FileRefusal::Damaged { content_type }));
    Ok(StoredFile {
        content_type,
        size_bytes: file.len() as u64,
        sha256: Sha256Digest::of(file),
        dimensions: dimensions.transpose()?,
    })
}

fn dimensions(image: &[u8]) -> Option<Dimensions> {
    let size = imagesize::blob_size(image).ok()?;
    Some(Dimensions { width: size.width.try_into().ok()?, height: size.height.try_into().ok()? })
}
