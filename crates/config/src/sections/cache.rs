use std::time::Duration;

use serde::Deserialize;

use super::{hours, secs};
use crate::check::Check;
use crate::values::{ByteSize, duration};

/// `[cache]`: what is kept in memory between requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSettings {
    /// Whether anything is cached at all.
    pub enabled: bool,
    /// Memory for cached values, 1 MiB to 64 GiB.
    pub max_bytes: ByteSize,
    /// How long an ad stays cached, 1 s to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub ads_ttl: Duration,
    /// How long a campaign stays cached, 1 s to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub campaigns_ttl: Duration,
    /// How long a report stays cached, 1 s to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub reports_ttl: Duration,
    /// How long an API key stays cached, up to 2 s: a revoked key must stop working within that time.
    #[serde(deserialize_with = "duration::deserialize")]
    pub keys_ttl: Duration,
}

impl CacheSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("cache.max_bytes", self.max_bytes, ByteSize::mib(1)..=ByteSize::gib(64));
        check.within("cache.ads_ttl", self.ads_ttl, secs(1)..=hours(24));
        check.within("cache.campaigns_ttl", self.campaigns_ttl, secs(1)..=hours(24));
        check.within("cache.reports_ttl", self.reports_ttl, secs(1)..=hours(24));
        check.within("cache.keys_ttl", self.keys_ttl, secs(0)..=secs(2));
    }
}
