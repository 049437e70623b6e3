//! The contract of [`SystemStatus`].

use std::sync::Arc;

use adstead_domain::port::{PortErrorKind, SystemStatus};

use super::Case;
use crate::cases;

/// The same system in two conditions.
pub struct Systems {
    /// It can serve requests.
    pub in_order: Arc<dyn SystemStatus>,
    /// Its database is out of reach, or has the schema of another build.
    pub out_of_order: Arc<dyn SystemStatus>,
}

/// What every adapter of the port must do.
pub const CASES: &[Case<Systems>] = cases![
    a_system_in_order_is_ready,
    a_system_out_of_order_is_not_ready_and_may_be_later,
    statistics_are_told_in_either_condition,
];

async fn a_system_in_order_is_ready(systems: &Systems) {
    systems.in_order.ready().await.expect("a system in order");
}

async fn a_system_out_of_order_is_not_ready_and_may_be_later(systems: &Systems) {
    let error = systems.out_of_order.ready().await.expect_err("a system out of order");
    assert_eq!(error.kind, PortErrorKind::Unavailable, "{error}");
}

async fn statistics_are_told_in_either_condition(systems: &Systems) {
    for system in [&systems.in_order, &systems.out_of_order] {
        assert!(!system.statistics().database.engine.is_empty());
    }
}
