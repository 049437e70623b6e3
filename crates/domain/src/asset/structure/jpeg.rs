use super::{Broken, Format, TAIL, Want};

/// Markers, some with a segment that tells its length, and after a `SOS` entropy-coded data up to the next marker
/// (ISO 10918-1, annex B).
///
/// More images may follow the first, as cameras and phones write them (CIPA DC-007, Multi-Picture Format), and at last what
/// Samsung's phones put behind every photograph (as ExifTool's documentation of its Samsung tags tells).
#[derive(Default)]
pub(super) struct Jpeg {
    next: Next,
    has_scan: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Next {
    /// The byte that begins a marker.
    #[default]
    Marker,
    /// The byte that names a marker.
    Name,
    /// The length of a segment.
    Segment { is_scan: bool },
    /// The last byte of what introduces entropy-coded data.
    Introduction,
    /// The byte after one that may begin a marker among entropy-coded data.
    Scan,
    /// The first byte after an image.
    Appended,
    /// The name of a marker after an image.
    AppendedName,
    /// No more than how the file ends.
    Samsung,
}

const MARKER: u8 = 0xff;
const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const FIRST_RESTART: u8 = 0xd0;
const LAST_RESTART: u8 = 0xd7;
const TEMPORARY: u8 = 0x01;

/// How what Samsung's phones append begins, and how it ends.
const SAMSUNG_BEGINS: u8 = 0;
const SAMSUNG_ENDS: [u8; TAIL] = *b"SEFT";

impl Jpeg {
    fn wants(&mut self, next: Next, want: Want) -> Want {
        self.next = next;
        want
    }

    fn marker(&mut self, name: u8) -> Result<Want, Broken> {
        Ok(match name {
            MARKER => self.wants(Next::Name, Want::next(1)),
            TEMPORARY | FIRST_RESTART..=LAST_RESTART => self.wants(Next::Marker, Want::next(1)),
            END_OF_IMAGE if self.has_scan => self.wants(Next::Appended, Want::next(1)),
            0 | START_OF_IMAGE | END_OF_IMAGE => return Err(Broken::Damaged),
            _ => self.wants(Next::Segment { is_scan: name == START_OF_SCAN }, Want::next(2)),
        })
    }
}

impl Format for Jpeg {
    fn begin(&self) -> Want {
        // After the marker that starts the image, by which the type is told.
        Want::Bytes { after: 2, len: 1 }
    }

    fn see(&mut self, seen: &[u8]) -> Result<Want, Broken> {
        Ok(match (self.next, seen) {
            (Next::Marker, [MARKER]) => self.wants(Next::Name, Want::next(1)),
            (Next::Name, [name]) => self.marker(*name)?,
            (Next::Segment { is_scan }, [a, b]) => {
                // The length counts itself.
                let after = u64::from(u16::from_be_bytes([*a, *b])).checked_sub(2).ok_or(Broken::Damaged)?;
                if is_scan {
                    self.has_scan = true;
                    let after = after.checked_sub(1).ok_or(Broken::Damaged)?;
                    self.wants(Next::Introduction, Want::Bytes { after, len: 1 })
                } else {
                    self.wants(Next::Marker, Want::Bytes { after, len: 1 })
                }
            }
            (Next::Introduction, _) => self.wants(Next::Scan, Want::After(MARKER)),
            (Next::Scan, [0 | FIRST_RESTART..=LAST_RESTART]) => Want::After(MARKER),
            (Next::Scan, [MARKER]) => Want::next(1),
            (Next::Scan, [name]) => self.marker(*name)?,
            (Next::Appended, [MARKER]) => self.wants(Next::AppendedName, Want::next(1)),
            (Next::Appended, [SAMSUNG_BEGINS]) => self.wants(Next::Samsung, Want::Rest),
            (Next::AppendedName, [START_OF_IMAGE]) => {
                self.has_scan = false;
                self.wants(Next::Marker, Want::next(1))
            }
            (Next::Appended | Next::AppendedName, _) => return Err(Broken::Trailing),
            _ => return Err(Broken::Damaged),
        })
    }

    fn may_end(&self, tail: [u8; TAIL]) -> bool {
        match self.next {
            Next::Appended => true,
            Next::Samsung => tail == SAMSUNG_ENDS,
            _ => false,
        }
    }
}
