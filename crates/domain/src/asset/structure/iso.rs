use super::{Broken, Format, TAIL, Want};

/// Boxes of a length, a name and content, of which `moov` says what the others mean (ISO 14496-12, section 4.2; Apple's
/// QuickTime File Format, "Atoms").
#[derive(Default)]
pub(super) struct IsoMedia {
    has_movie: bool,
    /// The header told that the length follows it.
    is_long: bool,
}

const HEADER: u64 = 8;

/// The bytes of a length that follows the header.
const LONG: u64 = 8;

const NEXT_HEADER: usize = HEADER as usize;

impl Format for IsoMedia {
    fn begin(&self) -> Want {
        Want::next(NEXT_HEADER)
    }

    fn see(&mut self, seen: &[u8]) -> Result<Want, Broken> {
        let &[a, b, c, d, ref name @ ..] = seen else { return Err(Broken::Damaged) };
        let after = if std::mem::take(&mut self.is_long) {
            let &[e, f, g, h] = name else { return Err(Broken::Damaged) };
            u64::from_be_bytes([a, b, c, d, e, f, g, h]).checked_sub(HEADER + LONG)
        } else {
            if !name.iter().all(|c| c.is_ascii_alphanumeric() || *c == b' ') {
                return Err(Broken::Damaged);
            }
            self.has_movie |= name == b"moov";
            match u32::from_be_bytes([a, b, c, d]) {
                // It goes on to the end of the file.
                0 => return Ok(Want::Rest),
                1 => {
                    self.is_long = true;
                    return Ok(Want::next(LONG as usize));
                }
                length => u64::from(length).checked_sub(HEADER),
            }
        };
        Ok(Want::Bytes { after: after.ok_or(Broken::Damaged)?, len: NEXT_HEADER })
    }

    fn may_end(&self, _: [u8; TAIL]) -> bool {
        self.has_movie && !self.is_long
    }
}
