//! Ad copy written by a machine.

mod adopt;
mod draft;
mod find;
mod generate;
mod payer;
mod prompt;

pub use adopt::{AdoptVariants, Adoption};
pub use find::FindGenerations;
pub use generate::{GenerateCopy, Wish};
