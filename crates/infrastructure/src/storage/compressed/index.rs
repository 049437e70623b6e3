//! What a compressed file ends with: for each frame, what it is stored in; then the size of the content (64 bits),
//! the number of frames, and the CRC-32 of all that (32 bits each). All numbers are big-endian.

use std::ops::Range;

use super::header::Header;

/// How a frame is stored: its length in bytes, and whether it is stored as it is, since it did not shrink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameLength {
    pub(super) bytes: u32,
    pub(super) is_raw: bool,
}

impl FrameLength {
    pub(super) const BYTES: usize = 4;
    const RAW: u32 = 1 << 31;

    pub(super) fn read(bytes: [u8; Self::BYTES]) -> Self {
        let word = u32::from_be_bytes(bytes);
        Self { bytes: word & !Self::RAW, is_raw: word & Self::RAW != 0 }
    }

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        (self.bytes | if self.is_raw { Self::RAW } else { 0 }).to_be_bytes()
    }
}

/// Where the frames of a file are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) content_bytes: u64,
    frames: Vec<FrameLength>,
}

impl Index {
    /// The most frames of a file: they bound the memory that an index takes.
    pub(super) const MAX_FRAMES: usize = 1 << 20;

    /// What follows the lengths, in bytes.
    pub(super) const END_BYTES: usize = 16;

    /// Adds a frame; nothing where there are too many.
    pub(super) fn push(&mut self, content_bytes: u64, frame: FrameLength) -> Option<()> {
        self.content_bytes += content_bytes;
        self.frames.push(frame);
        (self.frames.len() <= Self::MAX_FRAMES).then_some(())
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.frames.iter().flat_map(|frame| frame.to_bytes()).collect::<Vec<_>>();
        bytes.extend(self.content_bytes.to_be_bytes());
        bytes.extend((self.frames.len() as u32).to_be_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    /// The length of the index, in bytes, that a file ends with whose last bytes are `end`; nothing where there is
    /// none.
    pub(super) fn len(end: &[u8]) -> Option<u64> {
        let end: &[u8; Self::END_BYTES] = end.last_chunk()?;
        let frames = u32::from_be_bytes(*end[8..].first_chunk()?);
        let is_possible = frames as usize <= Self::MAX_FRAMES;
        is_possible.then_some(u64::from(frames) * FrameLength::BYTES as u64 + Self::END_BYTES as u64)
    }

    /// The index of a file of `stored` bytes, each frame with `frame_bytes` of content, that ends with `end`.
    pub(super) fn read(end: &[u8], stored: u64, frame_bytes: u32) -> Option<Self> {
        let len = usize::try_from(Self::len(end)?).ok()?;
        let bytes = &end[end.len().checked_sub(len)?..];
        let (summed, checksum) = bytes.split_last_chunk()?;
        let (lengths, end) = summed.split_at(len - Self::END_BYTES);
        let index = Self {
            content_bytes: u64::from_be_bytes(*end.first_chunk()?),
            frames: lengths.as_chunks().0.iter().copied().map(FrameLength::read).collect(),
        };
        let is_whole = crc32fast::hash(summed) == u32::from_be_bytes(*checksum)
            && index.content_bytes.div_ceil(frame_bytes.into()) == index.frames.len() as u64
            && index.start_of(index.frames.len()) + len as u64 == stored;
        is_whole.then_some(index)
    }

    /// Where the frames `frames` are stored.
    pub(super) fn stored_range(&self, frames: Range<u64>) -> Range<u64> {
        self.start_of(frames.start as usize)..self.start_of(frames.end as usize)
    }

    fn start_of(&self, frame: usize) -> u64 {
        let before = self.frames.iter().take(frame);
        let bytes = before.map(|frame| u64::from(frame.bytes) + FrameLength::BYTES as u64);
        Header::BYTES as u64 + bytes.sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_read_as_it_was_written_and_every_flipped_bit_is_noticed() {
        let mut index = Index::default();
        index.push(1_024, FrameLength { bytes: 300, is_raw: false }).expect("few frames");
        index.push(1_024, FrameLength { bytes: 1_024, is_raw: true }).expect("few frames");
        index.push(7, FrameLength { bytes: 7, is_raw: true }).expect("few frames");
        let bytes = index.to_bytes();
        let stored = (Header::BYTES + 300 + 1_024 + 7 + 3 * 4 + bytes.len()) as u64;
        let end = [b"the last frame", &bytes[..]].concat();
        assert_eq!(Index::read(&end, stored, 1_024), Some(index.clone()));
        assert_eq!(index.stored_range(1..3), 338..338 + 1_028 + 11);
        assert_eq!(Index::read(&end, stored + 1, 1_024), None);
        assert_eq!(Index::read(&end, stored, 2_048), None);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Index::read(&flipped, stored, 1_024), None, "bit {bit}");
        }
        for len in 0..bytes.len() {
            assert_eq!(Index::read(&bytes[bytes.len() - len..], stored, 1_024), None, "{len} bytes");
        }
    }
}
