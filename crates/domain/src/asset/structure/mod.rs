//! How files are put together: whether one is whole, and ends where its format ends.
//!
//! Nothing is decoded, and no more of a file is kept than the few bytes that tell where its next part begins, so that a
//! file of any size is walked while it streams.

mod ebml;
mod gif;
mod iso;
mod jpeg;
mod png;
mod webp;

use crate::ContentType;
use crate::port::FileRefusal;

/// The most pictures of an animation. LinkedIn shows 300 and X 350
/// (business.linkedin.com/marketing-solutions, docs.x.com/x-api/media); what has many more is made to exhaust its viewers.
const MAX_FRAMES: u32 = 1_000;

/// The walk through one file.
pub(super) struct Structure {
    content_type: ContentType,
    format: Box<dyn Format>,
    want: Want,
    /// What was read so far of what the format wants to see.
    seen: Vec<u8>,
    /// The last bytes of the file so far.
    tail: [u8; TAIL],
    size_bytes: u64,
}

/// How many of a file's last bytes a format may look at.
const TAIL: usize = 4;

/// What a format wants to see next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// So many bytes, after so many others.
    Bytes { after: u64, len: usize },
    /// The byte that comes after the next one of this value.
    After(u8),
    /// Nothing: whatever comes belongs to the file.
    Rest,
    /// Nothing: the file ends after so many bytes.
    End { after: u64 },
}

impl Want {
    /// The next bytes.
    const fn next(len: usize) -> Self {
        Self::Bytes { after: 0, len }
    }
}

/// A file is not put together as its format says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    /// What stands there cannot stand there.
    Damaged,
    /// The file should have ended before.
    Trailing,
    /// It has too many pictures.
    TooManyFrames,
}

/// One format's way through its files.
trait Format: Send {
    /// What it wants to see first.
    fn begin(&self) -> Want;

    /// Sees what it wanted, and says what it wants then.
    fn see(&mut self, seen: &[u8]) -> Result<Want, Broken>;

    /// Whether a file may end, with these bytes, where the format would go on: where it was to see something, or where it
    /// wants the rest.
    fn may_end(&self, _tail: [u8; TAIL]) -> bool {
        false
    }
}

impl Structure {
    pub(super) fn of(content_type: ContentType) -> Self {
        let format: Box<dyn Format> = match content_type {
            ContentType::Png => Box::<png::Png>::default(),
            ContentType::Jpeg => Box::<jpeg::Jpeg>::default(),
            ContentType::Gif => Box::<gif::Gif>::default(),
            ContentType::Webp => Box::<webp::Webp>::default(),
            ContentType::Mp4 | ContentType::Quicktime => Box::<iso::IsoMedia>::default(),
            ContentType::Webm => Box::<ebml::Ebml>::default(),
        };
        let want = format.begin();
        Self { content_type, format, want, seen: Vec::new(), tail: [0; TAIL], size_bytes: 0 }
    }

    pub(super) fn content_type(&self) -> ContentType {
        self.content_type
    }

    /// Walks on through the next piece of the file.
    ///
    /// # Errors
    /// The file is damaged, or goes on after its end.
    pub(super) fn pass(&mut self, piece: &[u8]) -> Result<(), FileRefusal> {
        let mut left = piece;
        while !left.is_empty() {
            let before = left.len();
            left = self.step(left).map_err(|broken| self.refusal(broken))?;
            self.size_bytes += (before - left.len()) as u64;
        }
        let kept = piece.len().min(TAIL);
        self.tail.rotate_left(kept);
        self.tail[TAIL - kept..].copy_from_slice(&piece[piece.len() - kept..]);
        Ok(())
    }

    /// What remains of `bytes` after one step.
    fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Broken> {
        match &mut self.want {
            Want::Rest => Ok(&[]),
            Want::End { after: 0 } => Err(Broken::Trailing),
            Want::Bytes { after: 0, len } => {
                let missing = bytes.len().min(*len - self.seen.len());
                self.seen.extend_from_slice(&bytes[..missing]);
                if self.seen.len() == *len {
                    self.want = self.format.see(&self.seen)?;
                    self.seen.clear();
                }
                Ok(&bytes[missing..])
            }
            Want::Bytes { after, .. } | Want::End { after } => {
                let passed = usize::try_from(*after).unwrap_or(usize::MAX).min(bytes.len());
                *after -= passed as u64;
                Ok(&bytes[passed..])
            }
            Want::After(marker) => Ok(match bytes.iter().position(|byte| byte == marker) {
                Some(place) => {
                    self.want = Want::next(1);
                    &bytes[place + 1..]
                }
                None => &[],
            }),
        }
    }

    /// Says whether the file is whole, since no more of it will come.
    ///
    /// # Errors
    /// The file is cut short.
    pub(super) fn finish(&self) -> Result<(), FileRefusal> {
        let is_whole = match self.want {
            Want::End { after } => after == 0,
            Want::Rest => self.format.may_end(self.tail),
            Want::Bytes { after, .. } => after == 0 && self.seen.is_empty() && self.format.may_end(self.tail),
            Want::After(_) => false,
        };
        if is_whole {
            Ok(())
        } else {
            Err(FileRefusal::CutShort { content_type: self.content_type, size_bytes: self.size_bytes })
        }
    }

    fn refusal(&self, broken: Broken) -> FileRefusal {
        let content_type = self.content_type;
        match broken {
            Broken::Damaged => FileRefusal::Damaged { content_type },
            Broken::Trailing => FileRefusal::Trailing { content_type, end: self.size_bytes },
            Broken::TooManyFrames => FileRefusal::TooManyFrames { max_frames: MAX_FRAMES },
        }
    }
}

/// Counts one picture more.
fn count_frame(frames: &mut u32) -> Result<(), Broken> {
    *frames += 1;
    if *frames > MAX_FRAMES { Err(Broken::TooManyFrames) } else { Ok(()) }
}
