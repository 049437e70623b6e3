use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// How a cache is made.
#[derive(Debug, Clone)]
pub struct CacheConfig {
    /// Whether anything is kept at all; if not, every read is a miss and every load runs.
    pub enabled: bool,
    /// The memory that entries may take, in bytes; zero is no level in memory.
    pub max_bytes: u64,
    /// The most that one entry may take, in bytes: by its weight in memory, by its encoded value in Redis.
    pub max_entry_bytes: u64,
    /// Encoded values over so many bytes are compressed in Redis.
    pub compress_over: usize,
    /// The level in Redis, if there is one.
    pub redis: Option<RedisConfig>,
}

impl CacheConfig {
    /// A cache in memory alone, of at most so many bytes.
    pub const fn in_memory(max_bytes: u64) -> Self {
        Self { enabled: true, max_bytes, max_entry_bytes: 8 << 20, compress_over: 4096, redis: None }
    }

    /// The same with a level in Redis.
    #[must_use]
    pub fn with_redis(self, redis: RedisConfig) -> Self {
        Self { redis: Some(redis), ..self }
    }
}

/// How Redis is reached.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// `redis://user:password@host:6379/0`; `redis-sentinel://host:26379/0?sentinelServiceName=name&node=host:port`;
    /// `redis-cluster://host:7000?node=host:port`. With TLS: `rediss`, `rediss-sentinel`, `rediss-cluster`.
    pub url: SecretString,
    /// The certificates of the authorities that are trusted with TLS, as PEM; the system's where there is none.
    pub ca_file: Option<PathBuf>,
    /// What the names of all keys begin with; nodes that share it share a cache. At most 64 of `a`–`z`, `0`–`9`, `_`, `-`.
    pub namespace: String,
    /// Connections that commands are spread over, 1 to 64; each carries many commands at once.
    pub connections: usize,
    /// How long a command may take, 1 ms to 60 s. A caller seldom waits for more than one.
    pub timeout: Duration,
    /// How long a connection may take to be made, 1 ms to 60 s.
    pub connect_timeout: Duration,
    /// The keys that may be written while Redis is out of reach; where there are more, everything is outdated afterwards.
    pub replay_entries: usize,
    /// The bytes that these keys may have together.
    pub replay_bytes: usize,
}

impl RedisConfig {
    /// Redis at `url`, with what suits most: two connections, 250 ms for a command, 5 s for a connection.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: SecretString::from(url.into()),
            ca_file: None,
            namespace: "adstead".to_owned(),
            connections: 2,
            timeout: Duration::from_millis(250),
            connect_timeout: Duration::from_secs(5),
            replay_entries: 10_000,
            replay_bytes: 16 << 20,
        }
    }

    /// The same with other names of keys.
    #[must_use]
    pub fn namespace(self, namespace: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), ..self }
    }

    pub(super) fn exposed_url(&self) -> &str {
        self.url.expose_secret()
    }

    /// Whether it can be tried.
    pub(super) fn check(&self) -> Result<(), CacheConfigError> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if self.namespace.is_empty() || self.namespace.len() > 64 || !self.namespace.chars().all(is_plain) {
            return Err(CacheConfigError::Namespace { namespace: self.namespace.clone() });
        }
        if !(1..=64).contains(&self.connections) {
            return Err(CacheConfigError::Connections { connections: self.connections });
        }
        let times = Duration::from_millis(1)..=Duration::from_secs(60);
        for (what, time) in [("timeout", self.timeout), ("connect_timeout", self.connect_timeout)] {
            if !times.contains(&time) {
                return Err(CacheConfigError::Time { what, time });
            }
        }
        check_url(self.exposed_url()).map_err(|reason| CacheConfigError::Redis { reason })
    }
}

/// Why a cache cannot be made as it was described. Nothing that it says is secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CacheConfigError {
    /// The URL of Redis, or the file of certificates.
    #[error("the URL of Redis cannot be used: {reason}")]
    Redis {
        /// What is wrong, without the URL.
        reason: String,
    },
    /// The namespace.
    #[error("the namespace `{namespace}` cannot be used: choose 1 to 64 of a–z, 0–9, `_` and `-`")]
    Namespace {
        /// The namespace.
        namespace: String,
    },
    /// The number of connections.
    #[error("{connections} connections to Redis cannot be made: choose 1 to 64")]
    Connections {
        /// The number.
        connections: usize,
    },
    /// A time-out.
    #[error("the {what} of Redis is {time:?}: choose between 1 ms and 60 s")]
    Time {
        /// Which time-out.
        what: &'static str,
        /// What it is.
        time: Duration,
    },
}

/// What may stand in the place of `https`.
const SCHEMES: [&str; 6] =
    ["redis", "rediss", "redis-cluster", "rediss-cluster", "redis-sentinel", "rediss-sentinel"];

/// What may stand after the `?`, as `fred` reads it.
const PARAMETERS: [&str; 4] = ["node", "sentinelServiceName", "sentinelUsername", "sentinelPassword"];

fn check_url(url: &str) -> Result<(), String> {
    let url = Url::parse(url).map_err(|error| format!("it is no URL: {error}"))?;
    let scheme = url.scheme();
    if !SCHEMES.contains(&scheme) {
        return Err(format!("`{scheme}` is no scheme of Redis: choose one of {}", SCHEMES.join(", ")));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it names no host".to_owned());
    }
    // Its name is not told: a password with a `?` in it would be one.
    if url.query_pairs().any(|(name, _)| !PARAMETERS.contains(&&*name)) {
        return Err(format!(
            "what follows the `?` is none of its parameters, {}; in a password, `?` is written %3F",
            PARAMETERS.join(", ")
        ));
    }
    if scheme.ends_with("-sentinel") && !url.query_pairs().any(|(name, _)| name == "sentinelServiceName") {
        return Err(
            "it lacks `sentinelServiceName`, the name that the sentinels know the server by".to_owned()
        );
    }
    let database = url.path().trim_start_matches('/');
    if scheme.ends_with("-cluster") && !database.is_empty() {
        return Err("a cluster has one database only: leave out what follows the host".to_owned());
    }
    if !database.is_empty() && database.parse::<u8>().is_err() {
        return Err("what follows the host is not the number of a database, 0 to 255".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url: &str) -> String {
        let error = RedisConfig::new(url).check().unwrap_err().to_string();
        assert!(!error.contains("s3cret"), "{error}");
        error
    }

    #[test]
    fn a_wrong_url_is_told_without_its_password() {
        for (url, what) in [
            ("", "it is no URL"),
            ("localhost:6379", "`localhost` is no scheme"),
            ("http://:s3cret@localhost", "`http` is no scheme of Redis: choose one of redis, rediss"),
            ("redis://:s3cret@", "it is no URL"),
            ("redis://:s3cret@host/zero", "not the number of a database"),
            ("redis://:s3cret@host/300", "not the number of a database"),
            ("redis://:s3cret@host:99999", "it is no URL"),
            ("redis://:s3cret@host?timeout=1", "is none of its parameters"),
            ("redis://default:7?s3cret@host/0", "is none of its parameters"),
            ("redis-sentinel://:s3cret@host", "lacks `sentinelServiceName`"),
            ("redis-cluster://:s3cret@host/1", "a cluster has one database only"),
        ] {
            assert!(told(url).contains(what), "{url}: {}", told(url));
        }
    }

    #[test]
    fn all_ways_to_run_redis_have_a_url() {
        for url in [
            "redis://localhost",
            "rediss://user:s3cret@redis.example.org:6380/3",
            "redis-cluster://10.0.0.1:7000?node=10.0.0.2:7000&node=10.0.0.3:7000",
            "redis-sentinel://10.0.0.1:26379/0?sentinelServiceName=adstead&sentinelPassword=s3cret",
        ] {
            assert_eq!(RedisConfig::new(url).check(), Ok(()), "{url}");
            assert!(!format!("{:?}", RedisConfig::new(url)).contains("s3cret"));
        }
    }
}
