use std::time::Duration;

use serde::Deserialize;

use super::{hours, minutes, ms};
use crate::check::Check;
use crate::values::duration;

/// `[external]`: what holds for calls to every external service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalSettings {
    /// Calls to one service that may wait until one of those under way ends, up to 100,000.
    pub waiting: u32,
    /// So many failures among the last calls keep a service from being called for some time, 1 to `breaker_calls`.
    pub breaker_failures: u32,
    /// How many calls are looked back on for that, 1 to 64.
    pub breaker_calls: u32,
    /// How long it is not called before it is tried again, 100 ms to 1 h; twice as long after each trial that fails.
    #[serde(deserialize_with = "duration::deserialize")]
    pub breaker_open: Duration,
    /// The longest that it is not called, up to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub breaker_longest: Duration,
    /// How often a node looks which services are disabled, 100 ms to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub switches_interval: Duration,
    /// Networks, such as `10.0.0.0/8`, that messages to addresses which users gave may go to, though they are not of the internet.
    pub allowed_networks: Vec<String>,
}

impl ExternalSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("external.waiting", self.waiting, 0..=100_000);
        check.within("external.breaker_calls", self.breaker_calls, 1..=64);
        check.within("external.breaker_failures", self.breaker_failures, 1..=64);
        check.within("external.breaker_open", self.breaker_open, ms(100)..=hours(1));
        check.within("external.breaker_longest", self.breaker_longest, ms(100)..=hours(24));
        check.within("external.switches_interval", self.switches_interval, ms(100)..=minutes(1));
        if self.breaker_failures > self.breaker_calls {
            let why = "it is more than external.breaker_calls, so no breaker would ever open: lower it";
            check.fault("external.breaker_failures", why);
        }
        if self.breaker_open > self.breaker_longest {
            check.fault("external.breaker_open", "it is longer than external.breaker_longest: lower it");
        }
    }
}
