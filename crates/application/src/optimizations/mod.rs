//! Advice on ads, and acting on it.

mod analyse;
mod apply;
mod find;

pub use analyse::AnalyseAd;
pub use apply::ApplyOptimization;
pub use find::{FindOptimizations, FollowedRun};
