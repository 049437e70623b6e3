//! How the services outside Adstead's own machines are doing, and which of them the operator wants to be left alone.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Durations, PortError};

/// Which external services nobody may call, whichever node would: the operator's word, which all nodes follow.
///
/// # Contract
/// - A service that `disable` was called for MUST be in what `disabled` answers from then on, once, with the moment of the first
///   such call; until `enable` is called for it.
/// - `enable` MUST answer whether the service was disabled.
/// - `disabled` MUST answer in the order of the names.
#[async_trait]
pub trait ServiceSwitches: Send + Sync {
    /// The services that are disabled.
    async fn disabled(&self) -> Result<Vec<DisabledService>, PortError>;

    /// Disables a service, known or not.
    async fn disable(&self, name: &str, now: Timestamp) -> Result<(), PortError>;

    /// Lets a service be called again.
    async fn enable(&self, name: &str) -> Result<bool, PortError>;
}

/// A service that nobody may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisabledService {
    /// Its name in the settings.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

/// Whether a service can be called, as this node sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ServiceHealth {
    /// It answers.
    #[default]
    Active,
    /// It is called, and fails more often than it should, or is being tried again after an outage.
    Degraded,
    /// It asked for time, or has had all the calls that it may have for now.
    RateLimited,
    /// It failed too often and is not called for now.
    Open,
    /// The operator does not want it to be called.
    Disabled,
}

impl ServiceHealth {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::RateLimited => "rate_limited",
            Self::Open => "open",
            Self::Disabled => "disabled",
        }
    }
}

/// How a circuit breaker stands, which keeps callers from waiting for a system that is known to fail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// All calls are let through.
    #[default]
    Closed,
    /// No call is let through.
    Open,
    /// One call at a time is let through, to see how it ends.
    HalfOpen,
}

/// Why a call to a service was not made: the service knows nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServiceRefusal {
    /// The operator does not want it to be called.
    #[error("the service is disabled: `adstead services enable` lets it be called again")]
    Disabled,
    /// It failed too often.
    #[error("the service failed too often and is not called for now")]
    Open,
    /// It asked for time, which is not over.
    #[error("the service asked for time, which is not over")]
    Cooling,
    /// It has had all the calls that it may have for now.
    #[error("the service has had all the calls that its rate limit allows for now")]
    RateLimit,
}

impl ServiceRefusal {
    /// Why the call was not made that failed so, where that is so.
    pub fn of(error: &PortError) -> Option<Self> {
        error.source.as_ref()?.downcast_ref().copied()
    }
}

/// What was counted of one external service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceStatistics {
    /// Its name in the settings.
    pub name: String,
    /// Whether it can be called.
    pub health: ServiceHealth,
    /// When the next call is let through, where none is now and that is known.
    pub available_in: Option<Duration>,
    /// Whether it is called although it failed.
    pub breaker: BreakerState,
    /// How long the service still wants to be left alone.
    pub cooling_for: Option<Duration>,
    /// How long the rate limit that this installation holds it to still lets no call through, as the last refused call was told.
    pub limited_for: Option<Duration>,
    /// Calls that were made, each attempt counted.
    pub calls: u64,
    /// Calls that failed, for whatever reason.
    pub failures: u64,
    /// The share, from 0 to 1, of the last calls (64 at most) in which the service did its part; nothing before the first. Of
    /// those whose caller gave up early, nothing was learnt.
    pub success_rate: Option<f64>,
    /// Attempts that were made after a failed one.
    pub retries: u64,
    /// Calls that were not made: it is disabled, known to be away, or has had all the calls that it may have.
    pub refused: u64,
    /// How often it was found to fail too often, and was not called for some time.
    pub openings: u64,
    /// Calls that are under way.
    pub in_flight: u32,
    /// Callers that wait until fewer are.
    pub waiting: u32,
    /// How long calls took.
    pub latency: Durations,
    /// The last failure, in words, without its cause: that may speak of one account's business.
    pub last_error: Option<ServiceFailure>,
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFailure {
    /// What failed.
    pub message: String,
    /// How long ago.
    pub ago: Duration,
}
