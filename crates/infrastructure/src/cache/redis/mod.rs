//! The level of the cache that nodes share.

mod connection;
mod fred;
mod link;
mod message;
mod rate;
mod replay;
mod scripts;
mod tls;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ::bytes::Bytes;
use futures::future::join_all;
use tokio::sync::mpsc;

use self::connection::{ConnectionOptions, RedisConnection, RedisErrorKind, Script};
pub(super) use self::connection::{Event, RedisError, Reply};
use self::fred::FredConnection;
pub(super) use self::link::{Link, LinkState};
use self::message::tags_of;
pub(super) use self::message::{Message, Says};
pub(super) use self::replay::Write;
use self::replay::{Replay, Waiting};
use super::chance;
use super::config::{CacheConfigError, RedisConfig};
use super::envelope::{Seen, tombstone};
use super::tags::Stripe;

/// The level of the cache in Redis, which survives this process and is shared with others.
///
/// It never fails: what it cannot do is a miss or is kept to be done later.
pub struct RedisCacheStrategy {
    connection: Box<dyn RedisConnection>,
    namespace: String,
    channel: String,
    /// Tells this process from others.
    pub(super) node: u64,
    pub(super) link: Link,
    pub(super) replay: Replay,
    pub(super) counts: Counts,
    server: Mutex<Option<ServerFacts>>,
}

/// What the level counts beside what each cache does.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) timeouts: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) unasked: AtomicU64,
    pub(super) heard: AtomicU64,
    pub(super) recoveries: AtomicU64,
}

/// What the servers tell of themselves, summed up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ServerFacts {
    pub(super) keys: u64,
    pub(super) used_bytes: u64,
    pub(super) max_bytes: u64,
    pub(super) evictions: u64,
}

/// What was found under a key.
pub(super) enum Found {
    /// Nobody knows.
    Unknown,
    /// This.
    Here { entry: Option<Bytes>, seen: Seen },
}

impl RedisCacheStrategy {
    /// Begins to connect; what comes without having been asked for comes on the channel.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub(super) fn open(config: &RedisConfig) -> Result<(Self, mpsc::Receiver<Event>), CacheConfigError> {
        config.check()?;
        let RedisConfig {
            url: _,
            ca_file,
            namespace,
            connections,
            timeout,
            connect_timeout,
            replay_entries,
            replay_bytes,
        } = config;
        let options = ConnectionOptions {
            connections: *connections,
            timeout: *timeout,
            connect_timeout: *connect_timeout,
            ca_file: ca_file.clone(),
        };
        let channel = format!("{namespace}:events");
        let (connection, events) = FredConnection::open(config.exposed_url(), &channel, &options)
            .map_err(|reason| CacheConfigError::Redis { reason })?;
        let strategy = Self {
            connection: Box::new(connection),
            namespace: namespace.clone(),
            channel,
            node: chance::number(),
            link: Link::new(),
            replay: Replay::new(*replay_entries, *replay_bytes),
            counts: Counts::default(),
            server: Mutex::new(None),
        };
        Ok((strategy, events))
    }

    /// What stands under the paths, in their order, in one round trip.
    pub(super) async fn read(&self, paths: &[String]) -> Vec<Found> {
        if !self.link.is_up() {
            self.counts.unasked.fetch_add(paths.len() as u64, Ordering::Relaxed);
            return paths.iter().map(|_| Found::Unknown).collect();
        }
        // Asked now and once more afterwards: the write that waits now may be made meanwhile, after the read.
        let held: Vec<_> = paths.iter().filter(|path| self.replay.holds(path)).collect();
        let keys: Vec<_> = paths.iter().map(|path| self.key(path)).collect();
        let found = self.noted(self.connection.get(&keys).await);
        let Ok(found) = found else {
            return paths.iter().map(|_| Found::Unknown).collect();
        };
        let found = paths.iter().zip(found).map(|(path, entry)| match entry {
            // A newer write waits to be made.
            _ if held.contains(&path) || self.replay.holds(path) => Found::Unknown,
            Ok(Some(entry)) => Found::Here { seen: Seen::of(&entry), entry: Some(entry) },
            Ok(None) => Found::Here { seen: Seen::NOTHING, entry: None },
            Err(RedisError { kind: RedisErrorKind::WrongType, .. }) => {
                Found::Here { seen: Seen::FOREIGN, entry: Some(Bytes::new()) }
            }
            Err(_) => Found::Unknown,
        });
        found.collect()
    }

    /// Makes a write and tells the other nodes, or keeps it until that can be done.
    pub(super) async fn write(&self, path: &str, write: Write) {
        // An older one that waits is still replayed, as a deletion: it may have reached Redis late, and after this one.
        if !self.link.is_up() || self.noted(self.attempt(path, &write).await).is_err() {
            self.replay.keep(path, &write);
        }
    }

    /// Writes what was loaded, unless somebody wrote since the load began. Where Redis takes it not, nothing is lost but time.
    pub(super) async fn fill(&self, path: &str, seen: Seen, entry: Bytes, time: Duration) {
        if self.link.is_up() && !self.replay.holds(path) {
            let seen = Bytes::copy_from_slice(seen.as_bytes());
            let outcome = self.run(&scripts::FILL, self.key(path), vec![seen, entry, millis(time)]).await;
            if self.noted(outcome).is_ok() {
                self.link.note_written();
            }
        }
    }

    /// Frees what a load found to be gone, unless somebody wrote since the load began.
    pub(super) async fn free(&self, path: &str, seen: Seen) {
        if self.link.is_up() {
            let seen = Bytes::copy_from_slice(seen.as_bytes());
            let _ = self.noted(self.run(&scripts::FREE, self.key(path), vec![seen]).await);
        }
    }

    /// Tells all nodes of stripes that were invalidated at these times or later: later ones, where each is `new`. Answers
    /// the times that count; nothing where Redis does not know of them now.
    pub(super) async fn invalidate(&self, times: &[(Stripe, u64)], new: bool) -> Option<Vec<(Stripe, u64)>> {
        if !self.link.is_up() {
            return None;
        }
        self.spread(times, new).await.ok()
    }

    /// As [`invalidate`](Self::invalidate), also while the link is being mended.
    pub(super) async fn spread(
        &self,
        times: &[(Stripe, u64)],
        new: bool,
    ) -> Result<Vec<(Stripe, u64)>, RedisError> {
        let mut arguments = vec![self.channel.clone().into(), tags_of(self.node).into(), digit(new)];
        for (stripe, time) in times {
            arguments.push(stripe.number().to_string().into());
            arguments.push(time.to_string().into());
        }
        let outcome = self.noted(self.run(&scripts::INVALIDATE, self.tags_key(), arguments).await)?;
        self.link.note_written();
        let Reply::Numbers(counting) = outcome else {
            return Ok(Vec::new());
        };
        let stripes = times.iter().map(|(stripe, _)| *stripe);
        Ok(stripes.zip(counting.into_iter().filter_map(|time| u64::try_from(time).ok())).collect())
    }

    /// The times of all stripes that Redis knows.
    pub(super) async fn times(&self) -> Result<Vec<(Stripe, u64)>, RedisError> {
        let fields = match self.noted(self.connection.numbers(&self.tags_key()).await) {
            // Somebody else's; the next invalidation takes its place.
            Err(RedisError { kind: RedisErrorKind::WrongType, .. }) => Vec::new(),
            fields => fields?,
        };
        let stripe = |field: &str| Stripe::from_number(field.parse().ok()?);
        Ok(fields.iter().filter_map(|(field, time)| Some((stripe(field)?, *time))).collect())
    }

    /// Makes the writes that wait now, until one fails. What comes to wait meanwhile is left, or it might never end.
    pub(super) async fn replay(&self) -> Result<(), RedisError> {
        const AT_ONCE: usize = 64;
        let end = self.replay.next();
        loop {
            let oldest = self.replay.oldest(AT_ONCE, end);
            if oldest.is_empty() {
                return Ok(());
            }
            let attempts = oldest.into_iter().map(async |Waiting { number, key, remembered_for }| {
                self.noted(self.attempt(&key, &Write::Delete { remembered_for }).await)?;
                self.replay.done(number);
                Ok(())
            });
            join_all(attempts).await.into_iter().collect::<Result<(), _>>()?;
        }
    }

    /// Finds out whether writes are taken.
    pub(super) async fn probe(&self) {
        let key = format!("{}:probe", self.namespace);
        let arguments = vec![Bytes::new(), millis(Duration::from_millis(1))];
        if self.noted(self.run(&scripts::LOCK, key, arguments).await).is_ok() {
            self.link.note_written();
        }
    }

    /// Takes the lock of a path for `time`; the token to give it back with. Nothing where somebody has it.
    pub(super) async fn lock(&self, path: &str, time: Duration) -> Locked {
        if !self.link.is_up() {
            return Locked::Unknown;
        }
        let token = format!("{:016x}", chance::number());
        let arguments = vec![token.clone().into(), millis(time)];
        match self.noted(self.run(&scripts::LOCK, self.lock_key(path), arguments).await) {
            Ok(Reply::Number(1)) => Locked::Ours { token },
            Ok(_) => Locked::Others,
            Err(_) => Locked::Unknown,
        }
    }

    /// Gives a lock back.
    pub(super) async fn unlock(&self, path: &str, token: String) {
        let _ = self.noted(self.run(&scripts::UNLOCK, self.lock_key(path), vec![token.into()]).await);
    }

    /// Tells all nodes.
    pub(super) async fn tell(&self, says: Says<'_>) -> Result<(), RedisError> {
        let message = Message { node: self.node, says }.encode();
        self.noted(self.connection.publish(&self.channel, message).await)
    }

    /// The keys of entries that match a glob over cache and key, page by page, as paths.
    pub(super) fn scan(&self, glob: &str) -> mpsc::Receiver<Result<Vec<String>, RedisError>> {
        self.connection.scan(&self.key(glob))
    }

    /// Frees keys as [`scan`](Self::scan) told them.
    pub(super) async fn unlink(&self, keys: Vec<String>) -> Result<u64, RedisError> {
        self.noted(self.connection.unlink(keys).await)
    }

    /// Asks the servers how they are.
    pub(super) async fn look_at_servers(&self) {
        if let Ok(texts) = self.noted(self.connection.info().await) {
            let facts = texts.iter().map(|text| ServerFacts::read(text)).reduce(ServerFacts::plus);
            *self.server.lock().unwrap_or_else(PoisonError::into_inner) = facts;
        }
    }

    /// How the servers were when they were last asked.
    pub(super) fn server(&self) -> Option<ServerFacts> {
        *self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn renew_subscription(&self) {
        self.connection.renew_subscription().await;
    }

    pub(super) async fn close(&self) {
        self.connection.close().await;
    }

    async fn attempt(&self, path: &str, write: &Write) -> Result<(), RedisError> {
        let message = Message { node: self.node, says: Says::Keys(vec![path]) }.encode();
        let (entry, time) = match write {
            Write::Announce { .. } => return self.connection.publish(&self.channel, message).await,
            Write::Set { entry, kept_for, remembered_for: _ } => (entry.clone(), *kept_for),
            Write::Delete { remembered_for } => (tombstone(chance::number()), *remembered_for),
        };
        let arguments = vec![entry, millis(time), self.channel.clone().into(), message.clone()];
        let outcome = self.run(&scripts::SET, self.key(path), arguments).await;
        match outcome {
            // Freeing is still allowed, and better than an old value.
            Err(error) if error.kind == RedisErrorKind::OutOfMemory => {
                self.connection.unlink(vec![self.key(path)]).await?;
                self.connection.publish(&self.channel, message).await?;
                self.noted::<()>(Err(error)).or(Ok(()))
            }
            outcome => outcome.map(|_| self.link.note_written()),
        }
    }

    async fn run(
        &self,
        script: &'static Script,
        key: String,
        arguments: Vec<Bytes>,
    ) -> Result<Reply, RedisError> {
        self.connection.run(script, key, arguments).await
    }

    fn noted<T>(&self, outcome: Result<T, RedisError>) -> Result<T, RedisError> {
        self.link.note(&outcome);
        if let Err(error) = &outcome {
            let counter = match error.kind {
                RedisErrorKind::Timeout => &self.counts.timeouts,
                _ => &self.counts.errors,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    fn key(&self, path: &str) -> String {
        [&self.namespace, ":e:", path].concat()
    }

    fn lock_key(&self, path: &str) -> String {
        format!("{}:lock:{path}", self.namespace)
    }

    fn tags_key(&self) -> String {
        format!("{}:tags", self.namespace)
    }
}

/// Whether a lock was taken.
pub(super) enum Locked {
    /// It is ours.
    Ours { token: String },
    /// Somebody else has it.
    Others,
    /// Redis cannot tell.
    Unknown,
}

impl ServerFacts {
    /// What a server's `INFO` tells; a line that is not there counts as zero.
    fn read(text: &str) -> Self {
        let lines = || text.lines().filter_map(|line| line.split_once(':'));
        let number = |name| lines().find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok());
        // Such as `db0:keys=12,expires=11,avg_ttl=0`.
        let keys = lines()
            .filter(|(key, _)| key.starts_with("db"))
            .filter_map(|(_, value)| value.strip_prefix("keys=")?.split(',').next()?.parse::<u64>().ok());
        Self {
            keys: keys.sum(),
            used_bytes: number("used_memory").unwrap_or(0),
            max_bytes: number("maxmemory").unwrap_or(0),
            evictions: number("evicted_keys").unwrap_or(0),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            keys: self.keys + other.keys,
            used_bytes: self.used_bytes + other.used_bytes,
            max_bytes: self.max_bytes + other.max_bytes,
            evictions: self.evictions + other.evictions,
        }
    }
}

fn millis(time: Duration) -> Bytes {
    time.as_millis().max(1).to_string().into()
}

fn digit(yes: bool) -> Bytes {
    Bytes::from_static(if yes { b"1" } else { b"0" })
}

impl fmt::Debug for RedisCacheStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCacheStrategy")
            .field("namespace", &self.namespace)
            .field("link", &self.link.state())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_tell_is_summed_up() {
        let text = "# Memory\r\nused_memory:100\r\nmaxmemory:0\r\n# Stats\r\nevicted_keys:3\r\n\
                    # Keyspace\r\ndb0:keys=2,expires=1,avg_ttl=0\r\ndb1:keys=5,expires=0\r\n";
        let facts = ServerFacts::read(text);
        assert_eq!(facts, ServerFacts { keys: 7, used_bytes: 100, max_bytes: 0, evictions: 3 });
        assert_eq!(facts.plus(facts).keys, 14);
        assert_eq!(ServerFacts::read("nonsense"), ServerFacts::default());
    }
}
