use adstead_domain::port;
use serde::Serialize;
use utoipa::ToSchema;

use super::times::{Times, ms};

/// How the external services are doing, as this node sees them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Services {
    /// By name.
    services: Vec<Service>,
}

/// One external service.
#[derive(Serialize, ToSchema)]
pub(crate) struct Service {
    #[schema(example = "openai")]
    name: String,
    /// Whether it can be called.
    health: ServiceHealth,
    /// In how many milliseconds the next call is let through, where none is now and that is known.
    #[schema(required)]
    available_in_ms: Option<f64>,
    /// Whether it is called although it failed.
    breaker: BreakerState,
    /// How many milliseconds the service still wants to be left alone, where it asked for that.
    #[schema(required)]
    cooling_for_ms: Option<f64>,
    /// How many milliseconds the rate limit that it is held to still lets no call through, where it refused the last.
    #[schema(required)]
    limited_for_ms: Option<f64>,
    /// Calls that were made, each attempt counted.
    calls: u64,
    failures: u64,
    /// The share, from 0 to 1, of the last 64 calls in which the service did its part; null before the first.
    #[schema(required)]
    success_rate: Option<f64>,
    /// Attempts that were made after a failed one.
    retries: u64,
    /// Calls that were not made: it is disabled, known to be away, or has had all the calls that it may have.
    refused: u64,
    /// How often it was found to fail too often, and was not called for some time.
    openings: u64,
    /// Calls that are under way.
    in_flight: u32,
    /// Callers that wait until fewer are.
    waiting: u32,
    /// How long calls took.
    latency: Times,
    #[schema(required)]
    last_error: Option<ServiceFailure>,
}

/// Whether a service can be called: it answers; fails more often than it should, or is being tried again; asked for time; failed
/// too often and is not called for now; was disabled by the operator.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ServiceHealth {
    Active,
    Degraded,
    RateLimited,
    Open,
    Disabled,
}

/// Whether a service is called that may fail: each call is let through; none is; one at a time is, to see how it ends.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BreakerState {
    Closed,
    Open,
    HalfOpen,
}

/// A call that failed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceFailure {
    message: String,
    ago_ms: f64,
}

impl From<Vec<port::ServiceStatistics>> for Services {
    fn from(services: Vec<port::ServiceStatistics>) -> Self {
        Self { services: services.into_iter().map(Service::from).collect() }
    }
}

impl From<port::ServiceStatistics> for Service {
    fn from(service: port::ServiceStatistics) -> Self {
        let port::ServiceStatistics {
            name,
            health,
            available_in,
            breaker,
            cooling_for,
            limited_for,
            calls,
            failures,
            success_rate,
            retries,
            refused,
            openings,
            in_flight,
            waiting,
            latency,
            last_error,
        } = service;
        Self {
            name,
            health: health.into(),
            available_in_ms: available_in.map(ms),
            breaker: breaker.into(),
            cooling_for_ms: cooling_for.map(ms),
            limited_for_ms: limited_for.map(ms),
            calls,
            failures,
            success_rate,
            retries,
            refused,
            openings,
            in_flight,
            waiting,
            latency: (&latency).into(),
            last_error: last_error.map(ServiceFailure::from),
        }
    }
}

impl From<port::ServiceFailure> for ServiceFailure {
    fn from(failure: port::ServiceFailure) -> Self {
        let port::ServiceFailure { message, ago } = failure;
        Self { message, ago_ms: ms(ago) }
    }
}

impl From<port::BreakerState> for BreakerState {
    fn from(breaker: port::BreakerState) -> Self {
        match breaker {
            port::BreakerState::Closed => Self::Closed,
            port::BreakerState::Open => Self::Open,
            port::BreakerState::HalfOpen => Self::HalfOpen,
        }
    }
}

impl From<port::ServiceHealth> for ServiceHealth {
    fn from(health: port::ServiceHealth) -> Self {
        match health {
            port::ServiceHealth::Active => Self::Active,
            port::ServiceHealth::Degraded => Self::Degraded,
            port::ServiceHealth::RateLimited => Self::RateLimited,
            port::ServiceHealth::Open => Self::Open,
            port::ServiceHealth::Disabled => Self::Disabled,
        }
    }
}
