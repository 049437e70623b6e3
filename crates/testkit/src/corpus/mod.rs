//! Files and names as users, and those who would harm them, send them.

mod hostile;
mod names;
mod recorded;
mod sound;

pub use hostile::{HostileFile, bombs, hostile_files, mislabelled_files, polyglots};
pub use names::{HOSTILE_NAMES, PLAIN_NAMES};
pub use recorded::recorded_files;
pub use sound::{SoundFile, sound_files};
