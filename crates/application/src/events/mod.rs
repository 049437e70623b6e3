//! Performance events.

mod expire;
mod find_rejected;
mod rebuild;
mod record;

pub use expire::ExpireEvents;
pub use find_rejected::FindRejectedEvents;
pub use rebuild::RebuildFigures;
pub use record::{RecordEvents, RecordedEvents, SubmittedEvent};
