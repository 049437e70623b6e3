use super::{Broken, Format, Want, count_frame};

/// One RIFF chunk that tells its length, and in it chunks of a name, a length and content padded to an even length
/// (RFC 9649, section 2).
#[derive(Default)]
pub(super) struct Webp {
    /// What is left of the outer chunk.
    left: u64,
    has_pixels: bool,
    frames: u32,
}

/// The outer chunk's name, its length, and the word `WEBP`.
const RIFF: u64 = 4;
const LENGTH: usize = 4;
const WEBP: u64 = 4;

const CHUNK_HEADER: u64 = 8;

const CHUNK: usize = CHUNK_HEADER as usize;

impl Format for Webp {
    fn begin(&self) -> Want {
        Want::Bytes { after: RIFF, len: LENGTH }
    }

    fn see(&mut self, seen: &[u8]) -> Result<Want, Broken> {
        let Some((name, &length)) = seen.split_last_chunk() else { return Err(Broken::Damaged) };
        let length = u64::from(u32::from_le_bytes(length));
        if name.is_empty() {
            self.left = length.checked_sub(WEBP + CHUNK_HEADER).ok_or(Broken::Damaged)?;
            return Ok(Want::Bytes { after: WEBP, len: CHUNK });
        }
        self.has_pixels |= matches!(name, b"VP8 " | b"VP8L" | b"ANMF");
        if name == b"ANMF" {
            count_frame(&mut self.frames)?;
        }
        let left = self.left.checked_sub(length).ok_or(Broken::Damaged)?;
        // Some writers leave out the last pad.
        let pad = (length % 2).min(left);
        let after = length + pad;
        match left - pad {
            0 if self.has_pixels => Ok(Want::End { after }),
            left => {
                self.left = left.checked_sub(CHUNK_HEADER).ok_or(Broken::Damaged)?;
                Ok(Want::Bytes { after, len: CHUNK })
            }
        }
    }
}
