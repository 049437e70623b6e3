//! How calls to outside systems bear with faults: written once, used by all that make such calls.

mod deadline;
mod retry;

pub use deadline::Deadline;
pub use retry::RetryPolicy;
