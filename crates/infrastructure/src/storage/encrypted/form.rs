use std::ops::Range;
use std::sync::Arc;

use adstead_domain::port::{ByteStream, FileKey};
use futures::{StreamExt, stream};

use super::error::EncryptionError;
use super::header::Header;
use super::keys::{EncryptionKeyId, EncryptionKeys};
use super::seal::Seal;
use crate::storage::framed::ByteReader;

/// How a file is stored.
pub(super) enum Form {
    /// As its content is.
    Plain,
    /// As its content is, behind a header.
    Wrapped,
    /// Encrypted.
    Sealed { id: EncryptionKeyId, seal: Arc<Seal> },
}

impl Form {
    /// That of `file`, which begins with `start`: [`Header::BYTES`], or all that it has.
    pub(super) fn of(start: &[u8], keys: &EncryptionKeys, file: &FileKey) -> Result<Self, EncryptionError> {
        let Some(header) = Header::read(start, file)? else { return Ok(Self::Plain) };
        match &header {
            Header::Wrapped => Ok(Self::Wrapped),
            Header::Sealed { chunk_bytes, key: id, salt } => {
                let Some(key) = keys.get(id) else {
                    return Err(EncryptionError::UnknownKey { file: file.clone(), id: id.clone() });
                };
                let seal = Arc::new(Seal::of(&header, key, *chunk_bytes, *salt));
                Ok(Self::Sealed { id: id.clone(), seal })
            }
        }
    }

    /// The key that it is encrypted with.
    pub(super) fn key(&self) -> Option<&EncryptionKeyId> {
        match self {
            Self::Plain | Self::Wrapped => None,
            Self::Sealed { id, .. } => Some(id),
        }
    }

    /// The size of the content of `file`, which takes `stored` bytes.
    pub(super) fn content_bytes(&self, stored: u64, file: &FileKey) -> Result<u64, EncryptionError> {
        let content = match self {
            Self::Plain => Some(stored),
            Self::Wrapped => stored.checked_sub(Header::BYTES as u64),
            Self::Sealed { seal, .. } => seal.content_bytes(stored),
        };
        content.ok_or_else(|| EncryptionError::CutShort(file.clone()))
    }

    /// Where what is needed to read the bytes `wanted` is stored, of a file with `content` bytes in all.
    pub(super) fn stored_range(&self, wanted: &Range<u64>, content: u64) -> Range<u64> {
        let header = Header::BYTES as u64;
        match self {
            // Every file has a chunk, and an empty file is told from one that was cut off by its own.
            Self::Sealed { seal, .. } if !wanted.is_empty() || content == 0 => {
                seal.stored_range(wanted, content)
            }
            _ if wanted.is_empty() => 0..0,
            Self::Plain => wanted.clone(),
            Self::Wrapped | Self::Sealed { .. } => wanted.start + header..wanted.end + header,
        }
    }

    /// The bytes `wanted` of `file`, of which there are `content` in all; `stored` is at where they are stored.
    pub(super) fn opened(
        &self,
        stored: ByteReader,
        wanted: Range<u64>,
        content: u64,
        file: &FileKey,
    ) -> ByteStream {
        let file = file.clone();
        match self {
            _ if wanted.is_empty() && content > 0 => stream::empty().boxed(),
            Self::Plain | Self::Wrapped => stored.into_exactly(wanted.end - wanted.start, move || {
                EncryptionError::CutShort(file.clone()).into_port("files.get")
            }),
            Self::Sealed { seal, .. } => Arc::clone(seal).opened(stored, wanted, content, file),
        }
    }
}
