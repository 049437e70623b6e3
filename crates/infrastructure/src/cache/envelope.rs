//! The form of an entry in Redis.
//!
//! ```text
//! 0  2  the letters Ad
//! 2  1  the format: 1
//! 3  8  a random number that tells one write from another
//!       that is all where the key was deleted a moment ago
//! 11 4  the CRC-32 of the cache's name, a colon, the key, and what follows
//! 15 1  what it is: 1 a value, 2 a value compressed with zstd, 3 nothing
//! 16 4  the version of the value's type
//! 20 8  until when it is fresh, in microseconds of Unix time
//! 28 8  until when it is kept
//! 36 8  the time of the last clearing that its writer knew
//! 44 1  how many stripes it watches
//!    10 each: the stripe, and the time of its last invalidation that its writer knew
//!       the value in MessagePack with named fields; where it is compressed, after its plain length in 4 bytes
//! ```
//!
//! All numbers are little-endian. MessagePack with named fields rather than postcard, since types of the domain leave out
//! absent fields, which only a form that describes itself can read back.

use bytes::{Buf, BufMut, Bytes};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Refused;
use super::tags::Times;

const MAGIC: [u8; 3] = [b'A', b'd', 1];
const HEAD_BYTES: usize = 11;
const CHECKED_FROM: usize = HEAD_BYTES + 4;

/// zstd's fastest regular level: the next ones save a few per cent more, and cost twice the time.
const COMPRESSION_LEVEL: i32 = 1;

/// What an entry says beside its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) fresh_until_us: u64,
    pub(super) kept_until_us: u64,
    pub(super) times: Times,
}

/// An entry that was read.
#[derive(Debug, PartialEq)]
pub(super) struct Opened<V> {
    pub(super) header: Header,
    /// Nothing where it is known that there is nothing.
    pub(super) value: Option<V>,
}

/// Why there is nothing to be had from what Redis holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It was deleted a moment ago.
    Deleted,
    /// It was written in another version of the type.
    OtherVersion,
    /// It is no entry of ours, or a broken one.
    Corrupt,
}

/// What was found under a key before a load, so that what was loaded replaces that and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    bytes: [u8; HEAD_BYTES],
    length: u8,
}

impl Seen {
    /// There was nothing.
    pub(super) const NOTHING: Self = Self { bytes: [0; HEAD_BYTES], length: 0 };

    /// There was something that is no string: a list or a set of somebody else's.
    pub(super) const FOREIGN: Self = Self { bytes: [b'?'; HEAD_BYTES], length: 1 };

    /// There was this.
    pub(super) fn of(entry: &[u8]) -> Self {
        let length = entry.len().min(HEAD_BYTES);
        let mut bytes = [0; HEAD_BYTES];
        bytes[..length].copy_from_slice(&entry[..length]);
        Self { bytes, length: length as u8 }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// How values are written down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding {
    /// Values that take more are compressed.
    pub(super) compress_over: usize,
    /// Values that take more are refused.
    pub(super) max_bytes: u64,
}

impl Coding {
    /// An entry as Redis is to hold it; `token` tells this write from all others.
    pub(super) fn seal<V: Serialize>(
        &self,
        path: &str,
        token: u64,
        header: &Header,
        value: Option<&V>,
    ) -> Result<Bytes, Refused> {
        let plain = match value {
            Some(value) => Some(rmp_serde::to_vec_named(value).map_err(unwritable)?),
            None => None,
        };
        let bytes = plain.as_ref().map_or(0, Vec::len) as u64;
        if bytes > self.max_bytes {
            return Err(Refused::TooLarge { bytes, max: self.max_bytes });
        }
        let Header { version, fresh_until_us, kept_until_us, times } = header;
        let mut entry =
            Vec::with_capacity(64 + times.stripes.len() * 10 + plain.as_ref().map_or(0, Vec::len));
        entry.put_slice(&MAGIC);
        entry.put_u64_le(token);
        entry.put_u32_le(0);
        entry.put_u8(0);
        entry.put_u32_le(*version);
        entry.put_u64_le(*fresh_until_us);
        entry.put_u64_le(*kept_until_us);
        entry.put_u64_le(times.everything);
        entry.put_u8(times.stripes.len() as u8);
        for (stripe, time) in &times.stripes {
            entry.put_u16_le(*stripe);
            entry.put_u64_le(*time);
        }
        entry[CHECKED_FROM] = match plain {
            None => 3,
            Some(plain) if plain.len() > self.compress_over => {
                entry.put_u32_le(plain.len() as u32);
                entry.extend(zstd::bulk::compress(&plain, COMPRESSION_LEVEL).map_err(unwritable)?);
                2
            }
            Some(plain) => {
                entry.extend(plain);
                1
            }
        };
        let checksum = checksum(path, &entry[CHECKED_FROM..]);
        entry[HEAD_BYTES..CHECKED_FROM].copy_from_slice(&checksum.to_le_bytes());
        Ok(entry.into())
    }

    /// Reads what Redis holds. No input makes it fail in another way than by saying that it is unusable, or take more memory
    /// than a value may.
    pub(super) fn open<V: DeserializeOwned>(
        &self,
        path: &str,
        entry: &[u8],
        version: u32,
    ) -> Result<Opened<V>, Unusable> {
        let (kind, header, payload) = split(path, entry)?;
        if header.version != version {
            return Err(Unusable::OtherVersion);
        }
        let value = match kind {
            1 if payload.len() as u64 > self.max_bytes => return Err(Unusable::Corrupt),
            1 => Some(rmp_serde::from_slice(payload).map_err(|_| Unusable::OtherVersion)?),
            2 => {
                let mut payload = payload;
                let length = payload.try_get_u32_le().map_err(|_| Unusable::Corrupt)?;
                if u64::from(length) > self.max_bytes {
                    return Err(Unusable::Corrupt);
                }
                let plain = zstd::bulk::decompress(payload, length as usize);
                let plain = plain.map_err(|_| Unusable::Corrupt)?;
                Some(rmp_serde::from_slice(&plain).map_err(|_| Unusable::OtherVersion)?)
            }
            _ => None,
        };
        Ok(Opened { header, value })
    }
}

/// What stands for a deleted key, for so long that no load from before it can still end.
pub(super) fn tombstone(token: u64) -> Bytes {
    let mut entry = Vec::with_capacity(HEAD_BYTES);
    entry.put_slice(&MAGIC);
    entry.put_u64_le(token);
    entry.into()
}

fn split<'a>(path: &str, mut entry: &'a [u8]) -> Result<(u8, Header, &'a [u8]), Unusable> {
    let corrupt = |_: bytes::TryGetError| Unusable::Corrupt;
    if !entry.starts_with(&MAGIC) {
        return Err(Unusable::Corrupt);
    }
    if entry.len() == HEAD_BYTES {
        return Err(Unusable::Deleted);
    }
    entry = entry.get(HEAD_BYTES..).ok_or(Unusable::Corrupt)?;
    if entry.try_get_u32_le().map_err(corrupt)? != checksum(path, entry) {
        return Err(Unusable::Corrupt);
    }
    let kind = entry.try_get_u8().map_err(corrupt)?;
    if !(1..=3).contains(&kind) {
        return Err(Unusable::Corrupt);
    }
    let version = entry.try_get_u32_le().map_err(corrupt)?;
    let fresh_until_us = entry.try_get_u64_le().map_err(corrupt)?;
    let kept_until_us = entry.try_get_u64_le().map_err(corrupt)?;
    let everything = entry.try_get_u64_le().map_err(corrupt)?;
    let count = entry.try_get_u8().map_err(corrupt)?;
    let mut stripe = || Ok((entry.try_get_u16_le()?, entry.try_get_u64_le()?));
    let stripes: Result<_, bytes::TryGetError> = (0..count).map(|_| stripe()).collect();
    let stripes = stripes.map_err(corrupt)?;
    Ok((kind, Header { version, fresh_until_us, kept_until_us, times: Times { everything, stripes } }, entry))
}

/// Of an entry at its place: copied elsewhere, it is somebody else's.
fn checksum(path: &str, checked: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(path.as_bytes());
    hasher.update(checked);
    hasher.finalize()
}

fn unwritable(error: impl std::fmt::Display) -> Refused {
    Refused::Encoding { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CODING: Coding = Coding { compress_over: 100, max_bytes: 10_000 };

    const PATH: &str = "texts:1";

    fn header() -> Header {
        let times = Times { everything: 4, stripes: vec![(1, 2), (65_535, u64::MAX)] };
        Header { version: 7, fresh_until_us: 10, kept_until_us: 20, times }
    }

    fn open(entry: &[u8]) -> Result<Opened<String>, Unusable> {
        CODING.open(PATH, entry, 7)
    }

    #[test]
    fn what_is_sealed_is_opened_again() {
        for value in [Some("plain".to_owned()), Some("long ".repeat(1000)), None] {
            let entry = CODING.seal(PATH, 1, &header(), value.as_ref()).unwrap();
            assert!(entry.len() < 1000, "what is long is compressed");
            assert_eq!(open(&entry), Ok(Opened { header: header(), value }));
        }
    }

    #[test]
    fn a_value_of_another_version_or_type_is_told_apart_from_a_broken_one() {
        let entry = CODING.seal(PATH, 1, &header(), Some(&5)).unwrap();
        assert_eq!(CODING.open::<i32>(PATH, &entry, 8), Err(Unusable::OtherVersion));
        assert_eq!(open(&entry), Err(Unusable::OtherVersion));
        assert_eq!(open(&tombstone(3)), Err(Unusable::Deleted));
        assert_eq!(open(b"somebody else's"), Err(Unusable::Corrupt));
        let entry = CODING.seal("texts:2", 1, &header(), Some(&"elsewhere".to_owned())).unwrap();
        assert_eq!(open(&entry), Err(Unusable::Corrupt), "it was copied from another key");
    }

    #[test]
    fn two_writes_of_one_value_are_told_apart() {
        let seen = |token| Seen::of(&CODING.seal(PATH, token, &header(), Some(&5)).unwrap());
        assert_eq!(seen(1), seen(1));
        assert_ne!(seen(1), seen(2));
        assert_ne!(Seen::of(&tombstone(1)), Seen::of(&tombstone(2)));
        assert_ne!(Seen::NOTHING, Seen::FOREIGN);
    }

    #[test]
    fn a_value_past_the_limit_is_refused_also_where_it_would_shrink() {
        let refused = CODING.seal(PATH, 1, &header(), Some(&"x".repeat(10_000)));
        assert!(matches!(refused, Err(Refused::TooLarge { bytes: 10_003, max: 10_000 })), "{refused:?}");
        let large = Coding { max_bytes: 1 << 20, ..CODING };
        let entry = large.seal(PATH, 1, &header(), Some(&"x".repeat(10_001))).unwrap();
        assert_eq!(
            open(&entry),
            Err(Unusable::Corrupt),
            "nobody is made to unpack more than they would pack"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_are_opened_to_something_that_nobody_sealed(
            noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..1000, flip in 1_u8..,
        ) {
            let _ = open(&noise);
            let mut entry = CODING.seal(PATH, 1, &header(), Some(&"x".repeat(50))).unwrap().to_vec();
            let at = at % entry.len();
            entry[at] ^= flip;
            let opened = open(&entry);
            // The token is nobody's business but the writer's.
            prop_assert!(opened.is_err() || (3..HEAD_BYTES).contains(&at), "{opened:?}");
            prop_assert!(open(&entry[..at]).is_err());
        }
    }
}
