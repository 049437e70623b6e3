//! What the API is built from.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use adstead_application::Application;
use adstead_domain::port::{Clock, IdGenerator, RateLimiter, SystemStatus};
use adstead_domain::{RateLimit, SigningKey};
use axum::response::Response;

/// What the API is built from; a clone shares everything.
#[derive(Clone)]
pub struct ApiState {
    /// The use cases.
    pub application: Arc<Application>,
    /// How the system itself is doing.
    pub system: Arc<dyn SystemStatus>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids of requests come from.
    pub ids: Arc<dyn IdGenerator>,
    /// What cursors are signed with, the same on all nodes.
    pub cursor_key: SigningKey,
    /// How much the API takes on.
    pub limits: ApiLimits,
    /// What holds accounts to the rates of `limits`.
    pub rates: Arc<dyn RateLimiter>,
    /// Makes the time that a request has known to what answers it.
    pub within: Within,
}

/// Runs what answers a request, which is given up after that time, so that whoever works for it knows.
pub type Within = fn(Duration, Answering) -> Answering;

/// What answers a request.
pub type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// How much the API takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiLimits {
    /// The time for a request, and for each piece of a file that is being uploaded.
    pub request_timeout: Duration,
    /// The time for a request that has copy written: more than the writers have, so that it is they who are named.
    pub generation_timeout: Duration,
    /// The largest JSON body, in bytes.
    pub max_body: usize,
    /// The largest body of performance events, in bytes.
    pub max_events_body: usize,
    /// The largest file, in bytes; what the file store allows counts as well.
    pub max_upload: u64,
    /// How many requests are served at the same time; those above it are turned away.
    pub max_concurrency: usize,
    /// How many requests each account may make; as many as it likes where nothing is said.
    pub requests: Option<RateLimit>,
    /// How many generations each account may ask for; as many as it likes where nothing is said.
    pub generations: Option<RateLimit>,
    /// How old the figures of a report may be, in whole seconds; less than one says that each is read when it is asked for.
    pub max_report_age: Duration,
}

impl Default for ApiLimits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            request_timeout: Duration::from_secs(30),
            generation_timeout: Duration::from_secs(90),
            max_body: MIB,
            max_events_body: 5 * MIB,
            max_upload: 50 * MIB as u64,
            max_concurrency: 512,
            requests: None,
            generations: None,
            max_report_age: Duration::ZERO,
        }
    }
}
