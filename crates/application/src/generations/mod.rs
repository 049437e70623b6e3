//! Ad copy written by a machine.

mod adopt;
mod draft;
mod find;
mod generate;
mod payer;
mod prompt;
mod rework;

pub use adopt::{AdoptVariants, Adoption};
pub use find::FindGenerations;
pub use generate::{GenerateCopy, Wish};
pub use rework::ReworkCopy;
