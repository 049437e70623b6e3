use std::time::Duration;

use serde::Deserialize;

use super::days;
use crate::check::Check;
use crate::values::duration;

/// `[events]`: performance events.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSettings {
    /// For how long events are kept, and how late they may come, 7 days to 10 years of 365 days.
    #[serde(deserialize_with = "duration::deserialize")]
    pub retention: Duration,
}

impl EventSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("events.retention", self.retention, days(7)..=days(3_650));
    }
}
