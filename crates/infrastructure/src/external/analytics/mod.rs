//! Telling sinks for analysis what happens: Segment and what speaks like it, PostHog, Google Analytics 4, a webhook, a file.
//!
//! Each sink is a subscriber of the outbox: it is told at least once, in the order of each subject, and one that fails delays nobody else.
//! Its messages have the id of the event, by which the receiver drops repeats.

mod config;
mod envelope;
mod file;
mod ga4;
mod posthog;
mod segment;
mod service;
mod sink;
mod track;
mod webhook;

pub use config::{AnalyticsConfigError, Consent, SinkConfig, SinkProtocol, SinkTarget};
pub use service::AnalyticsService;
