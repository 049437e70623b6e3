//! Calls that are carried out once, however often they are sent.

mod answer_once;
mod purge;

pub use answer_once::{AnswerOnce, Claimed, Outcome};
pub use purge::PurgeIdempotencyKeys;
