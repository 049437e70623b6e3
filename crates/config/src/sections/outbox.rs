use std::time::Duration;

use serde::Deserialize;

use super::{hours, minutes, ms, secs};
use crate::check::Check;
use crate::values::duration;

/// `[outbox]`: who is told of what happens, and how often a failed delivery is tried again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboxSettings {
    /// Whether each event is written to the log.
    pub log_events: bool,
    /// How often a node looks for events that another node stored, or that are due again: 100 ms to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub poll_interval: Duration,
    /// The wait after the first delivery that failed, 10 ms to 1 h; each further one is twice as long.
    #[serde(deserialize_with = "duration::deserialize")]
    pub first_wait: Duration,
    /// The longest wait, 1 s to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub longest_wait: Duration,
    /// Attempts after which an event becomes a dead letter, 1 to 100.
    pub max_attempts: u32,
}

impl OutboxSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("outbox.poll_interval", self.poll_interval, ms(100)..=minutes(1));
        check.within("outbox.first_wait", self.first_wait, ms(10)..=hours(1));
        check.within("outbox.longest_wait", self.longest_wait, secs(1)..=hours(24));
        check.within("outbox.max_attempts", self.max_attempts, 1..=100);
        if self.first_wait > self.longest_wait {
            check.fault("outbox.first_wait", "it is longer than outbox.longest_wait: lower it");
        }
    }
}
