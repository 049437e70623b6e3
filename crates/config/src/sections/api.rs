use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

use super::{hours, minutes, ms, secs};
use crate::check::Check;
use crate::values::{ByteSize, address, duration};

/// `[api]`: where the HTTP API listens and how much it takes on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSettings {
    /// The address and port to listen on; port 0 lets the system choose one.
    #[serde(deserialize_with = "address")]
    pub bind: SocketAddr,
    /// How long a request may take, 100 ms to 10 min. A generation has [`AiSettings::deadline`] instead.
    ///
    /// [`AiSettings::deadline`]: crate::AiSettings::deadline
    #[serde(deserialize_with = "duration::deserialize")]
    pub request_timeout: Duration,
    /// The largest JSON body, 1 KiB to 64 MiB. Events and files have limits of their own.
    pub max_body: ByteSize,
    /// The largest body of events, 1 KiB to 64 MiB.
    pub max_events_body: ByteSize,
    /// Requests in flight at once, 1 to 65,536; more are shed.
    pub max_concurrency: u32,
    /// Requests a minute that each account may make, up to 1,000,000; 0 for as many as it likes.
    pub requests_per_minute: u32,
    /// Generations a minute that each account may ask for, up to 1,000,000; 0 for as many as it likes.
    pub generations_per_minute: u32,
    /// How long an idempotency key and the answer to its call are kept, 1 h to 7 d.
    #[serde(deserialize_with = "duration::deserialize")]
    pub idempotency_ttl: Duration,
    /// How long requests in flight may still take once the server was told to stop, up to 10 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub shutdown_grace: Duration,
}

impl ApiSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("api.request_timeout", self.request_timeout, ms(100)..=minutes(10));
        check.within("api.max_body", self.max_body, ByteSize::kib(1)..=ByteSize::mib(64));
        check.within("api.max_events_body", self.max_events_body, ByteSize::kib(1)..=ByteSize::mib(64));
        check.within("api.max_concurrency", self.max_concurrency, 1..=65_536);
        check.within("api.requests_per_minute", self.requests_per_minute, 0..=1_000_000);
        check.within("api.generations_per_minute", self.generations_per_minute, 0..=1_000_000);
        check.within("api.idempotency_ttl", self.idempotency_ttl, hours(1)..=hours(168));
        check.within("api.shutdown_grace", self.shutdown_grace, secs(0)..=minutes(10));
    }
}
