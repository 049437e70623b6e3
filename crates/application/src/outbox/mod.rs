//! Events on their way to those who want to be told of them.

mod deliver;
mod manage;

pub use deliver::{DeliverEvents, Delivered, NextRound};
pub use manage::ManageOutbox;
