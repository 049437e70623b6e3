//! Ad copy written by a machine.

mod adopt;
mod draft;
mod find;
mod generate;
mod payer;
mod prompt;
mod rework;
mod spend;

pub use adopt::{AdoptVariants, Adoption};
pub use find::FindGenerations;
pub use generate::{GenerateCopy, Wish};
pub(crate) use payer::model_call;
pub(crate) use prompt::{audience as audience_prompt, policy as policy_prompt, voice as voice_prompt};
pub use rework::ReworkCopy;
pub use spend::{ModelSpend, TellModelSpend};
