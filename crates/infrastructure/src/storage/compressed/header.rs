//! The first bytes of a file that is not stored as it is.
//!
//! | bytes | what |
//! |---|---|
//! | 0–15 | the mark |
//! | 16 | the version of the format: 1 |
//! | 17 | the form: 0 wrapped, 1 in frames |
//! | 18–21 | the content of a frame in bytes, big-endian; 0 where wrapped |
//! | 22–29 | the size of the content, big-endian; all ones where only the index at the end tells; 0 where wrapped |
//! | 30–33 | the CRC-32 of what is before it, big-endian |

use adstead_domain::port::FileKey;

use super::error::CompressionError;
use crate::storage::framed::{Likeness, Magic};

/// No text in UTF-8 begins so, and no media type that is in use.
pub(super) const MAGIC: Magic = Magic(*b"\xadADSTEAD-ZST\r\n\x1a\0");

const VERSION: u8 = 1;
const WRAPPED: u8 = 0;
const IN_FRAMES: u8 = 1;
const UNKNOWN: u64 = u64::MAX;

/// The frames that this build writes, in bytes of content.
pub(super) const FRAME_BYTES: u32 = 256 << 10;

/// The frames that are read: they bound the memory that is taken.
const FRAMES_READ: std::ops::RangeInclusive<u32> = 1 << 10..=4 << 20;

/// What a file begins with that is not stored as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// What follows is the content as it is, which happens to begin like a header.
    Wrapped,
    /// What follows are frames and their index.
    InFrames { frame_bytes: u32, content_bytes: Option<u64> },
}

impl Header {
    pub(super) const BYTES: usize = 34;

    /// The header that a file has which begins with `start`; nothing where it is stored as it is.
    pub(super) fn read(start: &[u8], file: &FileKey) -> Result<Option<Self>, CompressionError> {
        match MAGIC.likeness(start) {
            Likeness::None => return Ok(None),
            Likeness::Same if start.get(16).is_some_and(|version| *version != VERSION) => {
                return Err(CompressionError::Version { file: file.clone(), version: start[16] });
            }
            Likeness::Same | Likeness::Damaged => {}
        }
        let header = start.first_chunk().and_then(Self::parsed);
        header.map(Some).ok_or_else(|| CompressionError::Header(file.clone()))
    }

    fn parsed(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let header = match bytes[17] {
            WRAPPED => Self::Wrapped,
            IN_FRAMES => {
                let content_bytes = u64::from_be_bytes(*bytes[22..].first_chunk()?);
                Self::InFrames {
                    frame_bytes: u32::from_be_bytes(*bytes[18..].first_chunk()?),
                    content_bytes: Some(content_bytes).filter(|bytes| *bytes != UNKNOWN),
                }
            }
            _ => return None,
        };
        let is_readable = match header {
            Self::Wrapped => true,
            Self::InFrames { frame_bytes, .. } => FRAMES_READ.contains(&frame_bytes),
        };
        // Whatever says the same in other bytes is not what was written.
        (is_readable && header.to_bytes() == *bytes).then_some(header)
    }

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..16].copy_from_slice(&MAGIC.0);
        bytes[16] = VERSION;
        match self {
            Self::Wrapped => bytes[17] = WRAPPED,
            Self::InFrames { frame_bytes, content_bytes } => {
                bytes[17] = IN_FRAMES;
                bytes[18..22].copy_from_slice(&frame_bytes.to_be_bytes());
                bytes[22..30].copy_from_slice(&content_bytes.unwrap_or(UNKNOWN).to_be_bytes());
            }
        }
        let checksum = crc32fast::hash(&bytes[..30]);
        bytes[30..].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(start: &[u8]) -> Result<Option<Header>, CompressionError> {
        Header::read(start, &"a/b".parse().expect("a key"))
    }

    #[test]
    fn a_header_is_read_as_it_was_written_and_every_flipped_bit_is_noticed() {
        let in_frames = |content_bytes| Header::InFrames { frame_bytes: FRAME_BYTES, content_bytes };
        for header in [Header::Wrapped, in_frames(None), in_frames(Some(123_456))] {
            let bytes = header.to_bytes();
            assert_eq!(read(&bytes).expect("a header"), Some(header));
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes;
                flipped[bit / 8] ^= 1 << (bit % 8);
                read(&flipped).expect_err("no header");
            }
            for len in 1..bytes.len() {
                read(&bytes[..len]).expect_err("no header");
            }
        }
        assert_eq!(read(b"{}").expect("no header"), None);
    }
}
