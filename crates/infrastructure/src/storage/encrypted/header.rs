//! The first bytes of a file that is not stored as it is.
//!
//! | bytes | what |
//! |---|---|
//! | 0–15 | the mark |
//! | 16 | the version of the format: 1 |
//! | 17 | the form: 0 wrapped, 1 sealed |
//! | 18–21 | the size of a chunk in bytes, big-endian; 0 where wrapped |
//! | 22 | the length of the id of the key; 0 where wrapped |
//! | 23–54 | the id of the key, zeros behind it |
//! | 55–73 | the random part of the nonces |
//! | 74–77 | the CRC-32 of what is before it, big-endian: it tells damage from a key that is not known |
//! | 78–79 | zeros |

use adstead_domain::port::FileKey;

use super::error::EncryptionError;
use super::keys::EncryptionKeyId;
use crate::storage::framed::{Likeness, Magic};

/// No text in UTF-8 begins so, and no media type that is in use.
pub(super) const MAGIC: Magic = Magic(*b"\xadADSTEAD-ENC\r\n\x1a\0");

const VERSION: u8 = 1;
const WRAPPED: u8 = 0;
const SEALED: u8 = 1;

/// The length of the random part of a nonce, in bytes: a nonce, without the number of the chunk and what marks the
/// last.
pub(super) const SALT_BYTES: usize = 19;

/// The chunks that this build writes, in bytes of content.
pub(super) const CHUNK_BYTES: u32 = 64 << 10;

/// The chunks that are read: a header that is not authentic yet must not decide about the memory that is taken.
const CHUNKS_READ: std::ops::RangeInclusive<u32> = 1 << 10..=1 << 20;

/// What a file begins with that is not stored as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Header {
    /// What follows is the content as it is, which happens to begin like a header.
    Wrapped,
    /// What follows is encrypted.
    Sealed { chunk_bytes: u32, key: EncryptionKeyId, salt: [u8; SALT_BYTES] },
}

impl Header {
    pub(super) const BYTES: usize = 80;

    /// The header that a file has which begins with `start`; nothing where it is stored as it is.
    pub(super) fn read(start: &[u8], file: &FileKey) -> Result<Option<Self>, EncryptionError> {
        match MAGIC.likeness(start) {
            Likeness::None => return Ok(None),
            Likeness::Same if start.get(16).is_some_and(|version| *version != VERSION) => {
                return Err(EncryptionError::Version { file: file.clone(), version: start[16] });
            }
            Likeness::Same | Likeness::Damaged => {}
        }
        let header = start.first_chunk().and_then(Self::parsed);
        header.map(Some).ok_or_else(|| EncryptionError::Header(file.clone()))
    }

    fn parsed(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let header = match bytes[17] {
            WRAPPED => Self::Wrapped,
            SEALED => {
                let key = bytes[23..55].get(..usize::from(bytes[22]))?;
                Self::Sealed {
                    chunk_bytes: u32::from_be_bytes(*bytes[18..].first_chunk()?),
                    key: std::str::from_utf8(key).ok()?.parse().ok()?,
                    salt: *bytes[55..].first_chunk()?,
                }
            }
            _ => return None,
        };
        let is_readable = match &header {
            Self::Wrapped => true,
            Self::Sealed { chunk_bytes, .. } => CHUNKS_READ.contains(chunk_bytes),
        };
        // Whatever says the same in other bytes is not what was written.
        (is_readable && header.to_bytes() == *bytes).then_some(header)
    }

    pub(super) fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..16].copy_from_slice(&MAGIC.0);
        bytes[16] = VERSION;
        match self {
            Self::Wrapped => bytes[17] = WRAPPED,
            Self::Sealed { chunk_bytes, key, salt } => {
                let key = key.as_str().as_bytes();
                bytes[17] = SEALED;
                bytes[18..22].copy_from_slice(&chunk_bytes.to_be_bytes());
                bytes[22] = key.len() as u8;
                bytes[23..23 + key.len()].copy_from_slice(key);
                bytes[55..74].copy_from_slice(salt);
            }
        }
        let checksum = crc32fast::hash(&bytes[..74]);
        bytes[74..78].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(start: &[u8]) -> Result<Option<Header>, EncryptionError> {
        Header::read(start, &"a/b".parse().expect("a key"))
    }

    fn sealed() -> Header {
        Header::Sealed { chunk_bytes: CHUNK_BYTES, key: "2026-03".parse().expect("an id"), salt: [9; 19] }
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        for header in [Header::Wrapped, sealed()] {
            assert_eq!(read(&header.to_bytes()).expect("a header"), Some(header));
        }
        assert_eq!(read(b"").expect("no header"), None);
        assert_eq!(read(b"just a text").expect("no header"), None);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes = sealed().to_bytes();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            let error = read(&flipped).expect_err("no header");
            assert!(
                matches!(error, EncryptionError::Header(_) | EncryptionError::Version { .. }),
                "bit {bit}: {error}"
            );
        }
    }

    #[test]
    fn a_header_that_is_cut_short_is_damaged() {
        let bytes = sealed().to_bytes();
        for len in 1..bytes.len() {
            assert!(matches!(read(&bytes[..len]), Err(EncryptionError::Header(_))), "{len} bytes");
        }
    }

    #[test]
    fn a_header_of_a_newer_format_is_named() {
        let mut bytes = sealed().to_bytes();
        bytes[16] = 2;
        let error = read(&bytes).expect_err("nobody knows that format").to_string();
        assert_eq!(
            error,
            "a/b is encrypted in format 2, which this version of adstead does not know: use a newer one"
        );
    }
}
