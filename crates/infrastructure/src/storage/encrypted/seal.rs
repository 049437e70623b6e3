//! Encrypts and decrypts by the chunk.

use adstead_domain::port::{ByteStream, FileKey, PortError};
use bytes::{Bytes, BytesMut};
use chacha20poly1305::{AeadInOut, Tag, XNonce};
use futures::{StreamExt, stream};
use std::ops::Range;
use std::sync::Arc;

use super::error::EncryptionError;
use super::header::{CHUNK_BYTES, Header, SALT_BYTES};
use super::keys::{EncryptionKey, EncryptionKeyId};
use crate::storage::framed::ByteReader;

const TAG_BYTES: u64 = 16;

/// What the chunks of one file are encrypted with.
pub(super) struct Seal {
    key: EncryptionKey,
    salt: [u8; SALT_BYTES],
    chunk_bytes: u64,
    header: [u8; Header::BYTES],
}

impl Seal {
    /// That of a new file.
    pub(super) fn new(id: &EncryptionKeyId, key: &EncryptionKey, salt: [u8; SALT_BYTES]) -> Self {
        let header = Header::Sealed { chunk_bytes: CHUNK_BYTES, key: id.clone(), salt };
        Self::of(&header, key, CHUNK_BYTES, salt)
    }

    /// That of the file that begins with `header`, whose size of chunks and salt these are.
    pub(super) fn of(header: &Header, key: &EncryptionKey, chunk_bytes: u32, salt: [u8; SALT_BYTES]) -> Self {
        Self { key: key.clone(), salt, chunk_bytes: chunk_bytes.into(), header: header.to_bytes() }
    }

    /// What a file with `content` bytes takes, in bytes.
    pub(super) fn stored_bytes(&self, content: u64) -> u64 {
        let chunks = content.div_ceil(self.chunk_bytes).max(1);
        content.saturating_add(Header::BYTES as u64 + chunks * TAG_BYTES)
    }

    /// The size of the content of a file that takes `stored` bytes; nothing where no file takes so many.
    pub(super) fn content_bytes(&self, stored: u64) -> Option<u64> {
        let chunks = stored.checked_sub(Header::BYTES as u64)?.div_ceil(self.chunk_bytes + TAG_BYTES);
        let content = stored - Header::BYTES as u64 - (chunks * TAG_BYTES).min(stored - Header::BYTES as u64);
        (self.stored_bytes(content) == stored).then_some(content)
    }

    /// Where the chunks are stored that hold the bytes `wanted` of the content, of which there are `content` in all.
    pub(super) fn stored_range(&self, wanted: &Range<u64>, content: u64) -> Range<u64> {
        let start = self.start_of(wanted.start / self.chunk_bytes);
        let end = self.start_of(wanted.end.div_ceil(self.chunk_bytes).max(1));
        start..end.min(self.stored_bytes(content))
    }

    fn start_of(&self, chunk: u64) -> u64 {
        chunk.saturating_mul(self.chunk_bytes + TAG_BYTES).saturating_add(Header::BYTES as u64)
    }

    /// The file that holds `content`.
    pub(super) fn sealed(self: Arc<Self>, content: ByteStream) -> ByteStream {
        let header = Bytes::copy_from_slice(&self.header);
        let state = Some((self, ByteReader::new(content), 0));
        let chunks = stream::try_unfold(state, async |state| {
            let Some((seal, mut content, chunk)) = state else { return Ok(None) };
            let chunk_bytes = seal.chunk_bytes as usize;
            let is_last = content.peek(chunk_bytes + 1).await?.len() <= chunk_bytes;
            let mut bytes = content.take(chunk_bytes).await?;
            let nonce = seal
                .nonce(chunk, is_last)
                .ok_or_else(|| EncryptionError::TooLong(chunk + 1).into_port("files.put"))?;
            let tag = seal.key.0.encrypt_inout_detached(&nonce, &seal.header, (&mut *bytes).into());
            bytes.extend_from_slice(&tag.expect("a chunk is shorter than what one nonce encrypts"));
            Ok(Some((bytes.freeze(), (!is_last).then_some((seal, content, chunk + 1)))))
        });
        stream::once(async { Ok(header) }).chain(chunks).boxed()
    }

    /// The bytes `wanted` of the content of `file`, of which there are `content` in all; `chunks` are those that hold
    /// them.
    pub(super) fn opened(
        self: Arc<Self>,
        chunks: ByteReader,
        wanted: Range<u64>,
        content: u64,
        file: FileKey,
    ) -> ByteStream {
        let last = content.div_ceil(self.chunk_bytes).max(1) - 1;
        let first = wanted.start / self.chunk_bytes;
        let state = (self, chunks, first, file);
        stream::try_unfold(state, move |(seal, mut chunks, chunk, file)| {
            let wanted = wanted.clone();
            async move {
                let start = chunk * seal.chunk_bytes;
                // An empty file has one chunk, which tells that nothing was cut off.
                if start >= wanted.end && !(content == 0 && chunk == 0) {
                    return Ok::<_, PortError>(None);
                }
                let len = (content - start).min(seal.chunk_bytes);
                let sealed = chunks.take((len + TAG_BYTES) as usize).await?;
                if (sealed.len() as u64) < len + TAG_BYTES {
                    return Err(EncryptionError::CutShort(file).into_port("files.get"));
                }
                let Some(mut opened) = seal.open(sealed, chunk, chunk == last) else {
                    return Err(EncryptionError::Chunk { file, chunk }.into_port("files.get"));
                };
                opened.truncate((wanted.end - start).min(len) as usize);
                let opened = opened.split_off(wanted.start.saturating_sub(start) as usize);
                Ok(Some((opened.freeze(), (seal, chunks, chunk + 1, file))))
            }
        })
        .boxed()
    }

    fn open(&self, mut sealed: BytesMut, chunk: u64, is_last: bool) -> Option<BytesMut> {
        let nonce = self.nonce(chunk, is_last)?;
        let tag = sealed.split_off(sealed.len().checked_sub(TAG_BYTES as usize)?);
        let tag = Tag::try_from(&*tag).ok()?;
        self.key.0.decrypt_inout_detached(&nonce, &self.header, (&mut *sealed).into(), &tag).ok()?;
        Some(sealed)
    }

    fn nonce(&self, chunk: u64, is_last: bool) -> Option<XNonce> {
        let number = u32::try_from(chunk).ok()?;
        let mut nonce = XNonce::default();
        nonce[..SALT_BYTES].copy_from_slice(&self.salt);
        nonce[SALT_BYTES..SALT_BYTES + 4].copy_from_slice(&number.to_be_bytes());
        nonce[SALT_BYTES + 4] = is_last.into();
        Some(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        let key = EncryptionKey::new(&[7; 32]);
        let seal = Seal::new(&"a".parse().expect("an id"), &key, [9; SALT_BYTES]);
        Seal { chunk_bytes: 1_024, ..seal }
    }

    #[test]
    fn sizes_are_told_from_sizes() {
        for (content, stored) in [(0, 96), (1, 97), (1_024, 1_120), (1_025, 1_137), (2_048, 2_160)] {
            assert_eq!(seal().stored_bytes(content), stored);
            assert_eq!(seal().content_bytes(stored), Some(content));
        }
        for impossible in [0, 79, 80, 95, 1_121, 1_136, 2_161, 2_176] {
            assert_eq!(seal().content_bytes(impossible), None, "{impossible} bytes");
        }
        assert_eq!(seal().stored_bytes(u64::MAX), u64::MAX);
    }

    #[test]
    fn no_two_chunks_have_the_same_nonce_and_there_are_not_more_than_nonces() {
        let seal = seal();
        let nonces = [(0, false), (1, false), (1, true), (1 << 24, false), (u64::from(u32::MAX), true)];
        let nonces = nonces.map(|(chunk, is_last)| seal.nonce(chunk, is_last).expect("a nonce").to_vec());
        assert_eq!(nonces.iter().collect::<std::collections::HashSet<_>>().len(), nonces.len());
        assert!(seal.nonce(1 << 32, false).is_none());
    }
}
