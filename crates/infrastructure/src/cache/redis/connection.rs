use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

/// What the cache needs of a client for Redis, and no more: the one place that must be written anew where `fred` is replaced.
///
/// Every call ends within the time-out that the connection was made with.
#[async_trait]
pub(in crate::cache) trait RedisConnection: Send + Sync {
    /// What stands under the keys, in their order, in one round trip: `GET`, one for each.
    async fn get(&self, keys: &[String]) -> Result<Vec<Result<Option<Bytes>, RedisError>>, RedisError>;

    /// Runs a script on the server that has `key`: `EVALSHA`.
    async fn run(
        &self,
        script: &'static Script,
        key: String,
        arguments: Vec<Bytes>,
    ) -> Result<Reply, RedisError>;

    /// Frees keys, however many servers they are on: `UNLINK`. How many there were.
    async fn unlink(&self, keys: Vec<String>) -> Result<u64, RedisError>;

    /// Tells all who are subscribed: `PUBLISH`.
    async fn publish(&self, channel: &str, message: Bytes) -> Result<(), RedisError>;

    /// All fields of a hash that hold numbers: `HGETALL`.
    async fn numbers(&self, key: &str) -> Result<Vec<(String, u64)>, RedisError>;

    /// Keys that match, page by page, on all servers: `SCAN`. The pages end with an error or with all that was to be found.
    fn scan(&self, pattern: &str) -> mpsc::Receiver<Result<Vec<String>, RedisError>>;

    /// What the servers tell of themselves, one text each: `INFO`.
    async fn info(&self) -> Result<Vec<String>, RedisError>;

    /// Gives up the connection on which messages come, and makes a new one.
    async fn renew_subscription(&self);

    /// Ends all connections.
    async fn close(&self);
}

/// What comes without having been asked for.
#[derive(Debug)]
pub(in crate::cache) enum Event {
    /// Somebody published this.
    Message(Bytes),
    /// Messages may have been missed, and come again.
    Resubscribed,
    /// The connection on which they come was lost or not made, for this reason.
    Unconnected(RedisError),
}

/// What Redis runs at one go.
#[derive(Debug)]
pub(in crate::cache) struct Script {
    pub(in crate::cache) source: &'static str,
    /// Its SHA-1, by which Redis knows it.
    pub(in crate::cache) digest: OnceLock<String>,
}

impl Script {
    pub(in crate::cache) const fn new(source: &'static str) -> Self {
        Self { source, digest: OnceLock::new() }
    }
}

/// What a script answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cache) enum Reply {
    /// A number.
    Number(i64),
    /// Numbers.
    Numbers(Vec<i64>),
    /// Nothing, or something that no script of ours answers.
    Other,
}

/// Why Redis did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {detail}")]
pub(in crate::cache) struct RedisError {
    pub(in crate::cache) kind: RedisErrorKind,
    /// In words, without keys and values.
    pub(in crate::cache) detail: String,
}

/// What that means to the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cache) enum RedisErrorKind {
    /// It did not answer in time.
    Timeout,
    /// It cannot be reached.
    Unreachable,
    /// It does not let us in, or not do that.
    Denied,
    /// It takes no writes for now: a replica, or one that cannot save.
    ReadOnly,
    /// It has no memory left.
    OutOfMemory,
    /// What stands there is no string.
    WrongType,
    /// Anything else.
    Other,
}

impl RedisErrorKind {
    /// Whether the next call would fare the same, so that it is better not made.
    pub(in crate::cache) fn concerns_the_link(self) -> bool {
        match self {
            Self::Timeout | Self::Unreachable | Self::Denied | Self::Other => true,
            Self::ReadOnly | Self::OutOfMemory | Self::WrongType => false,
        }
    }
}

impl std::fmt::Display for RedisErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Timeout => "Redis did not answer in time",
            Self::Unreachable => "Redis cannot be reached",
            Self::Denied => "Redis denies access",
            Self::ReadOnly => "Redis takes no writes",
            Self::OutOfMemory => "Redis has no memory left",
            Self::WrongType => "the key holds no string",
            Self::Other => "Redis answered with an error",
        })
    }
}

/// How Redis is reached.
#[derive(Debug, Clone)]
pub(in crate::cache) struct ConnectionOptions {
    pub(in crate::cache) connections: usize,
    pub(in crate::cache) timeout: Duration,
    pub(in crate::cache) connect_timeout: Duration,
    pub(in crate::cache) ca_file: Option<std::path::PathBuf>,
}
