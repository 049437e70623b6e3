use super::{Broken, Format, TAIL, Want};

/// Elements of an id, a length and content, of which the first bytes of id and length tell how long these are: a header,
/// then a segment with tracks and clusters (RFC 8794, sections 4 to 6; RFC 9559, section 5).
///
/// A segment or a cluster may be written before its length is known; it goes on then for as long as there are elements that
/// belong into it.
#[derive(Default)]
pub(super) struct Ebml {
    next: Next,
    segment: Segment,
    has_tracks: bool,
}

#[derive(Debug, Clone, Copy, Default)]
enum Next {
    #[default]
    Id,
    RestOfId {
        first: u8,
    },
    Length {
        id: u32,
    },
    RestOfLength {
        id: u32,
        first: u8,
    },
}

#[derive(Debug, Clone, Copy, Default)]
enum Segment {
    #[default]
    Awaited,
    /// Of a length of which so much is left.
    Known(u64),
    Unknown,
}

const HEADER: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;

/// What may stand in a segment, and in a cluster of it.
const OF_A_SEGMENT: [u32; 17] = [
    TRACKS,
    CLUSTER,
    0x114d_9b74, // SeekHead
    0x1549_a966, // Info
    0x1c53_bb6b, // Cues
    0x1254_c367, // Tags
    0x1043_a770, // Chapters
    0x1941_a469, // Attachments
    0xec,        // Void
    0xbf,        // CRC-32
    0xe7,        // Timestamp
    0xa3,        // SimpleBlock
    0xa0,        // BlockGroup
    0xab,        // PrevSize
    0xa7,        // Position
    0xaf,        // EncryptedBlock
    0x5854,      // SilentTracks
];

/// The most bytes of an id, and of a length.
const MAX_ID: usize = 4;
const MAX_LENGTH: usize = 8;

/// How many bytes a number has that begins with `first`.
fn width(first: u8, most: usize) -> Result<usize, Broken> {
    let width = first.leading_zeros() as usize + 1;
    if width <= most { Ok(width) } else { Err(Broken::Damaged) }
}

/// The number of bytes `first` and `rest`.
fn number(first: u8, rest: &[u8]) -> u64 {
    rest.iter().fold(u64::from(first), |number, byte| number << 8 | u64::from(*byte))
}

impl Ebml {
    fn wants(&mut self, next: Next, len: usize) -> Want {
        self.next = next;
        Want::next(len)
    }

    fn id(&mut self, first: u8, rest: &[u8]) -> Want {
        let id = number(first, rest) as u32;
        self.wants(Next::Length { id }, 1)
    }

    /// What comes after an element's id and length.
    fn element(&mut self, id: u32, first: u8, rest: &[u8]) -> Result<Want, Broken> {
        let length_bits = 7 * (rest.len() + 1);
        let length = number(first, rest) & ((1 << length_bits) - 1);
        let length = (length != (1 << length_bits) - 1).then_some(length);
        self.has_tracks |= id == TRACKS;
        self.next = Next::Id;
        let after = match (self.segment, id, length) {
            (Segment::Awaited, HEADER, Some(length)) => length,
            (Segment::Awaited, SEGMENT, length) => {
                self.segment = length.map_or(Segment::Unknown, Segment::Known);
                return Ok(Want::next(1));
            }
            (Segment::Awaited, ..) => return Err(Broken::Damaged),
            (_, CLUSTER, None) => 0,
            (_, _, None) => return Err(Broken::Damaged),
            (Segment::Unknown, id, Some(_)) if !OF_A_SEGMENT.contains(&id) => return Err(Broken::Trailing),
            (_, _, Some(length)) => length,
        };
        if let Segment::Known(left) = &mut self.segment {
            let id_bytes = (u32::BITS - id.leading_zeros()).div_ceil(8);
            let element = u64::from(id_bytes) + 1 + rest.len() as u64 + after;
            *left = left.checked_sub(element).ok_or(Broken::Damaged)?;
            if *left == 0 {
                return if self.has_tracks { Ok(Want::End { after }) } else { Err(Broken::Damaged) };
            }
        }
        Ok(Want::Bytes { after, len: 1 })
    }
}

impl Format for Ebml {
    fn begin(&self) -> Want {
        Want::next(1)
    }

    fn see(&mut self, seen: &[u8]) -> Result<Want, Broken> {
        match (self.next, seen) {
            (Next::Id, &[first]) => Ok(match width(first, MAX_ID)? {
                1 => self.id(first, &[]),
                width => self.wants(Next::RestOfId { first }, width - 1),
            }),
            (Next::RestOfId { first }, rest) => Ok(self.id(first, rest)),
            (Next::Length { id }, &[first]) => match width(first, MAX_LENGTH)? {
                1 => self.element(id, first, &[]),
                width => Ok(self.wants(Next::RestOfLength { id, first }, width - 1)),
            },
            (Next::RestOfLength { id, first }, rest) => self.element(id, first, rest),
            _ => Err(Broken::Damaged),
        }
    }

    fn may_end(&self, _: [u8; TAIL]) -> bool {
        matches!((self.next, self.segment), (Next::Id, Segment::Unknown)) && self.has_tracks
    }
}
