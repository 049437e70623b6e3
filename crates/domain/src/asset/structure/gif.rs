use super::{Broken, Format, Want, count_frame};

/// A screen with a table of colours, then blocks of one kind or another, whose content comes in runs of at most 255 bytes
/// (GIF89a, sections 15 to 27).
#[derive(Default)]
pub(super) struct Gif {
    next: Next,
    frames: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Screen,
    Block,
    Extension,
    Image,
    Run,
}

const SIGNATURE: u64 = 6;
const SCREEN: usize = 7;
const IMAGE: usize = 9;

const EXTENSION: u8 = 0x21;
const IMAGE_SEPARATOR: u8 = 0x2c;
const TRAILER: u8 = 0x3b;

impl Gif {
    fn wants(&mut self, next: Next, after: u64, len: usize) -> Want {
        self.next = next;
        Want::Bytes { after, len }
    }
}

/// The size in bytes of the table of colours of which these flags tell.
const fn colours(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

impl Format for Gif {
    fn begin(&self) -> Want {
        Want::Bytes { after: SIGNATURE, len: SCREEN }
    }

    fn see(&mut self, seen: &[u8]) -> Result<Want, Broken> {
        Ok(match (self.next, seen) {
            (Next::Screen, [_, _, _, _, flags, _, _]) => self.wants(Next::Block, colours(*flags), 1),
            (Next::Block, [EXTENSION]) => self.wants(Next::Extension, 0, 1),
            (Next::Block, [IMAGE_SEPARATOR]) => {
                count_frame(&mut self.frames)?;
                self.wants(Next::Image, 0, IMAGE)
            }
            (Next::Block, [TRAILER]) if self.frames > 0 => Want::End { after: 0 },
            (Next::Extension, [_]) => self.wants(Next::Run, 0, 1),
            // The least size of a code stands between the colours and the runs.
            (Next::Image, [.., flags]) => self.wants(Next::Run, colours(*flags) + 1, 1),
            (Next::Run, [0]) => self.wants(Next::Block, 0, 1),
            (Next::Run, [length]) => self.wants(Next::Run, u64::from(*length), 1),
            _ => return Err(Broken::Damaged),
        })
    }
}
