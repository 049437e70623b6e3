//! Requests to addresses that others gave: one at a time, never redirected, and to no machine that they have no business
//! with.

mod client;
mod guard;
mod ranges;

use std::time::Duration;

use adstead_domain::port::DELIVERY_PATIENCE;

pub(super) use client::{Answer, Outgoing, json_request};
pub use guard::{AddressGuard, AddressRefusal};

/// The time for one delivery: a little less than the patience of whoever delivers, who would not learn why it failed.
pub(super) const DELIVERY_TIME: Duration = DELIVERY_PATIENCE.saturating_sub(Duration::from_millis(500));
