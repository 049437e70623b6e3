//! How calls to outside systems bear with faults: written once, used by all that make such calls.
//!
//! Each part stands alone; [`ExternalServiceManager`](crate::external::ExternalServiceManager) chains them.

mod begun;
mod breaker;
mod budget;
mod bulkhead;
mod deadline;
#[cfg(any(feature = "cache", feature = "external"))]
mod rate;
mod retry;

pub use begun::Begun;
pub use breaker::{Admission, BreakerPolicy, CircuitBreaker, Turn};
pub use budget::RetryBudget;
pub use bulkhead::{Bulkhead, BulkheadFull};
pub use deadline::Deadline;
#[cfg(any(feature = "cache", feature = "external"))]
pub use rate::LocalRateLimiter;
pub use retry::RetryPolicy;
