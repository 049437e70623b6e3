//! Ad groups.

mod create;
mod edit;
mod find;

pub use create::{CreateAdGroup, NewAdGroup};
pub use edit::EditAdGroup;
pub use find::FindAdGroups;
