//! Who is told of what happens, where, and when.

mod deliver;
mod fan_out;
mod manage;
mod subscribe;

pub use deliver::{NotifySubscribers, RestingLines};
pub use fan_out::FanOut;
pub use manage::{ManageSubscriptions, SubscriptionEdit};
pub use subscribe::{NewSubscription, Subscribe, WantedDestination};
