use super::{Broken, Format, Want, count_frame};

/// Chunks of a length, a name, content and a checksum, from `IHDR` to `IEND` (W3C PNG, third edition, section 5).
#[derive(Default)]
pub(super) struct Png {
    has_begun: bool,
    has_pixels: bool,
    frames: u32,
}

const SIGNATURE: u64 = 8;
const CHUNK_HEADER: usize = 8;
const CHECKSUM: u64 = 4;

impl Format for Png {
    fn begin(&self) -> Want {
        Want::Bytes { after: SIGNATURE, len: CHUNK_HEADER }
    }

    fn see(&mut self, seen: &[u8]) -> Result<Want, Broken> {
        let &[a, b, c, d, ref name @ ..] = seen else { return Err(Broken::Damaged) };
        let length = u32::from_be_bytes([a, b, c, d]);
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        let is_sound = length <= i32::MAX as u32 && name.iter().all(u8::is_ascii_alphabetic);
        if !is_sound || is_first != (name == b"IHDR") {
            return Err(Broken::Damaged);
        }
        match name {
            b"IDAT" => self.has_pixels = true,
            b"fcTL" => count_frame(&mut self.frames)?,
            b"IEND" if self.has_pixels && length == 0 => return Ok(Want::End { after: CHECKSUM }),
            b"IEND" => return Err(Broken::Damaged),
            _ => {}
        }
        Ok(Want::Bytes { after: u64::from(length) + CHECKSUM, len: CHUNK_HEADER })
    }
}
