//! Events on their way to those who want to be told of them.

mod deliver;
mod manage;
mod undeliverable;

pub use deliver::{DeliverEvents, Delivered, NextRound};
pub use manage::ManageOutbox;
pub use undeliverable::Undeliverable;
