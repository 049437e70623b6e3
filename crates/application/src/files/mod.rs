//! Looking after the file storage: for operators, and for jobs.

mod collect;
mod copy;
mod probe;
mod survey;
mod verify;

pub use collect::{CollectGarbage, Collected, Collection, Grace};
pub use copy::{Copied, CopyFiles, CopyProgress};
pub use probe::ProbeFiles;
pub use survey::{PlaceTotal, SurveyFiles};
pub use verify::{Verdict, Verified, VerifyFiles};
