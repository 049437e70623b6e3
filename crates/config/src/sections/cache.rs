use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::{hours, minutes, ms, secs};
use crate::check::Check;
use crate::values::{ByteSize, RedisUrl, duration};

/// `[cache]`: what is kept between requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSettings {
    /// Whether anything is cached at all.
    pub enabled: bool,
    /// Memory for cached values, 1 MiB to 64 GiB.
    pub max_bytes: ByteSize,
    /// The most that one value may take, 1 KiB to 64 MiB.
    pub max_entry: ByteSize,
    /// Values over this size are compressed in Redis, 64 bytes to 64 MiB.
    pub compress_over: ByteSize,
    /// How long an ad stays cached, 1 s to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub ads_ttl: Duration,
    /// How long a campaign stays cached, 1 s to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub campaigns_ttl: Duration,
    /// How long a report stays cached, by clients as well, 1 s to 24 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub reports_ttl: Duration,
    /// How long an API key stays cached, up to 2 s: a revoked key must stop working within that time.
    #[serde(deserialize_with = "duration::deserialize")]
    pub keys_ttl: Duration,
    /// The level that nodes share.
    pub redis: RedisSettings,
}

/// `[cache.redis]`: the level of the cache that nodes share, and by which they tell each other of changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisSettings {
    /// The address; nothing is no such level.
    #[serde(deserialize_with = "unless_none")]
    pub url: Option<RedisUrl>,
    /// A file with the certificates of the authorities that are trusted; nothing is the system's.
    #[serde(deserialize_with = "unless_system")]
    pub ca_certificates: Option<PathBuf>,
    /// What the names of all keys begin with.
    pub namespace: String,
    /// Connections, 1 to 64.
    pub connections: u32,
    /// How long a command may take, 1 ms to 10 s.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
    /// How long a connection may take to be made, 10 ms to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub connect_timeout: Duration,
    /// Writes that are kept while Redis is out of reach, 1 to 1,000,000.
    pub replay_entries: u32,
    /// Memory for these, 1 KiB to 1 GiB.
    pub replay_bytes: ByteSize,
}

impl CacheSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("cache.max_bytes", self.max_bytes, ByteSize::mib(1)..=ByteSize::gib(64));
        check.within("cache.max_entry", self.max_entry, ByteSize::kib(1)..=ByteSize::mib(64));
        check.within("cache.compress_over", self.compress_over, ByteSize::new(64)..=ByteSize::mib(64));
        check.within("cache.ads_ttl", self.ads_ttl, secs(1)..=hours(24));
        check.within("cache.campaigns_ttl", self.campaigns_ttl, secs(1)..=hours(24));
        check.within("cache.reports_ttl", self.reports_ttl, secs(1)..=hours(24));
        check.within("cache.keys_ttl", self.keys_ttl, secs(0)..=secs(2));
        self.redis.validate(check);
    }
}

impl RedisSettings {
    fn validate(&self, check: &mut Check<'_>) {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        let namespace = &self.namespace;
        if namespace.is_empty() || namespace.len() > 64 || !namespace.chars().all(is_plain) {
            let message = format!("expected 1 to 64 of a-z, 0-9, `_` and `-`, found `{namespace}`");
            check.fault("cache.redis.namespace", message);
        }
        check.within("cache.redis.connections", self.connections, 1..=64);
        check.within("cache.redis.timeout", self.timeout, ms(1)..=secs(10));
        check.within("cache.redis.connect_timeout", self.connect_timeout, ms(10)..=minutes(1));
        check.within("cache.redis.replay_entries", self.replay_entries, 1..=1_000_000);
        check.within("cache.redis.replay_bytes", self.replay_bytes, ByteSize::kib(1)..=ByteSize::gib(1));
    }
}

fn unless_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RedisUrl>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == "none" { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
}

fn unless_system<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok((text != "system").then(|| text.into()))
}
