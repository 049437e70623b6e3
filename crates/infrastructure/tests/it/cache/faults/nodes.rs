//! Nodes over one Redis, and the database that they keep values of.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use adstead_domain::port::PortError;
use adstead_infrastructure::cache::{
    Cache, CacheConfig, CacheManager, EntryOptions, RedisConfig, RedisState, RedisStatistics,
};
use tokio::task::yield_now;

use crate::cache::subject::until;

/// The rows of the database.
pub(super) const ROWS: usize = 24;

/// How long a command may take: short, so that a test need not wait, and long enough for a busy machine.
pub(super) const TIMEOUT: Duration = Duration::from_millis(50);

/// How much later than its time an answer may be given on a busy machine.
const LATE: Duration = Duration::from_secs(2);

/// Holds one number in each row, which is counted up with each write.
pub(super) struct Database([Row; ROWS]);

#[derive(Default)]
struct Row {
    number: AtomicU32,
    /// When it got each of its numbers but the first.
    written: Mutex<Vec<Instant>>,
}

impl Database {
    fn new() -> Self {
        Self(std::array::from_fn(|_| Row::default()))
    }

    fn read(&self, row: usize) -> u32 {
        self.0[row].number.load(Ordering::SeqCst)
    }

    fn write(&self, row: usize) -> u32 {
        let Row { number, written } = &self.0[row];
        let mut written = written.lock().expect("no test panicked");
        written.push(Instant::now());
        number.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// For how long `number` had been replaced at a time.
    fn age(&self, row: usize, number: u32, at: Instant) -> Duration {
        let written = self.0[row].written.lock().expect("no test panicked");
        written
            .get(number as usize)
            .map_or(Duration::ZERO, |replaced| at.saturating_duration_since(*replaced))
    }
}

/// A process that keeps rows in its cache.
pub(super) struct Node {
    pub(super) manager: CacheManager,
    /// One for each row, with a tag of its own.
    rows: Vec<Cache<u32>>,
    /// What this node last wrote into each row and invalidated.
    written: [AtomicU32; ROWS],
    database: Arc<Database>,
    fresh_for: Duration,
}

/// How a row is written to the cache.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    Set,
    Delete,
    Tag,
    TagSoon,
    Prefix,
}

impl By {
    pub(super) const ALL: [Self; 5] = [Self::Set, Self::Delete, Self::Tag, Self::TagSoon, Self::Prefix];
}

impl Node {
    pub(super) fn redis(&self) -> RedisStatistics {
        self.manager.stats().redis.expect("a level in Redis")
    }

    /// Counts a row up in the database, and then says so to the cache.
    pub(super) async fn write(&self, row: usize, by: By) {
        let number = self.database.write(row);
        let cache = &self.rows[row];
        match by {
            By::Set => cache.set(&key(row), Arc::new(number)).await.expect("a value in bounds"),
            By::Delete => cache.delete(&key(row)).await,
            By::Tag => self.manager.invalidate_tag(&tag(row)).await.expect("a tag in bounds"),
            By::TagSoon => self.manager.invalidate_tag_soon(&tag(row)).expect("a tag in bounds"),
            By::Prefix => {
                let prefix = format!("rows:{}", key(row));
                self.manager.invalidate_prefix(&prefix).await.expect("a registered prefix");
            }
        }
        self.written[row].fetch_max(number, Ordering::SeqCst);
    }

    /// Reads a row by way of the cache, and panics where the answer is none that it may give.
    pub(super) async fn read(&self, row: usize) -> u32 {
        let (begun, least) = (Instant::now(), self.written[row].load(Ordering::SeqCst));
        let database = Arc::clone(&self.database);
        let load = move || async move {
            yield_now().await;
            Ok::<_, PortError>(database.read(row))
        };
        let found = self.rows[row].get_or_load(&key(row), load).await;
        let number = *found.expect("no error but the load's own");
        self.check(row, number, begun, least);
        number
    }

    /// As [`Self::read`], without a load.
    pub(super) async fn look(&self, row: usize) -> Option<u32> {
        let (begun, least) = (Instant::now(), self.written[row].load(Ordering::SeqCst));
        let number = *self.rows[row].get(&key(row)).await?;
        self.check(row, number, begun, least);
        Some(number)
    }

    /// As [`Self::look`], all rows at once.
    pub(super) async fn look_at_all(&self) {
        let begun = Instant::now();
        let least: Vec<_> = self.written.iter().map(|written| written.load(Ordering::SeqCst)).collect();
        let keys: Vec<_> = (0..ROWS).map(key).collect();
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        let found = self.rows[0].get_many(&keys).await;
        for (row, number) in found.iter().enumerate() {
            number.iter().for_each(|number| self.check(row, **number, begun, least[row]));
        }
    }

    fn check(&self, row: usize, number: u32, begun: Instant, least: u32) {
        let last = self.database.read(row);
        assert!(number <= last, "row {row} never held {number}, but {last}");
        assert!(number >= least, "row {row} is {number} where this node itself outdated all before {least}");
        let age = self.database.age(row, number, begun);
        assert!(age <= self.fresh_for + LATE, "row {row} is {number}, which was replaced {age:?} ago");
    }

    /// Whether Redis is asked, and knows what it was to be told.
    pub(super) fn is_well(&self) -> bool {
        let redis = self.redis();
        redis.state == RedisState::Up && redis.replay.waiting == 0
    }
}

/// Several of them.
pub(super) struct Nodes {
    pub(super) all: Vec<Arc<Node>>,
    database: Arc<Database>,
    config: CacheConfig,
    fresh_for: Duration,
}

impl Nodes {
    /// Two nodes over the Redis of this configuration, which serve a row for so long.
    pub(super) async fn over(redis: RedisConfig, fresh_for: Duration) -> Self {
        let config = CacheConfig::in_memory(4 << 20).with_redis(redis);
        let mut nodes = Self { all: Vec::new(), database: Arc::new(Database::new()), config, fresh_for };
        for _ in 0..2 {
            let node = nodes.new_node().await;
            nodes.all.push(Arc::new(node));
        }
        nodes
    }

    /// One more, which starts with nothing in memory.
    pub(super) async fn new_node(&self) -> Node {
        let manager = CacheManager::connect(&self.config).await.expect("a usable configuration");
        let rows = (0..ROWS).map(|row| {
            let options = EntryOptions::new(self.fresh_for).tag(tag(row));
            manager.cache("rows", options).expect("options in range")
        });
        let rows = rows.collect();
        let (database, written) = (Arc::clone(&self.database), std::array::from_fn(|_| AtomicU32::new(0)));
        let node = Node { manager, rows, written, database, fresh_for: self.fresh_for };
        until("a new node asks Redis", async || node.redis().state != RedisState::Down).await;
        node
    }

    /// Waits until Redis is asked again and knows all that it missed.
    pub(super) async fn are_well(&self) {
        until("Redis is asked and knows all", async || self.all.iter().all(|node| node.is_well())).await;
    }

    /// Waits until a state is to be seen on all nodes.
    pub(super) async fn are(&self, state: RedisState) {
        until(state.as_str(), async || self.all.iter().all(|node| node.redis().state == state)).await;
    }

    /// Writes each row once more, by each way in turn.
    pub(super) async fn write_all(&self) {
        for row in 0..ROWS {
            self.all[row % self.all.len()].write(row, By::ALL[row % By::ALL.len()]).await;
        }
    }

    /// Reads each row on each node.
    pub(super) async fn read_all(&self) {
        for node in &self.all {
            for row in 0..ROWS {
                node.read(row).await;
            }
        }
    }

    /// Sees to it that all nodes are well, and that none serves anything but the last numbers, nor does one that comes new.
    pub(super) async fn agree(&self) {
        self.are_well().await;
        until("all nodes know of the last writes", async || {
            let newcomer = self.new_node().await;
            for node in self.all.iter().map(Arc::as_ref).chain([&newcomer]) {
                for row in 0..ROWS {
                    if node.look(row).await.is_some_and(|number| number != self.database.read(row)) {
                        return false;
                    }
                }
            }
            true
        })
        .await;
        let newcomer = self.new_node().await;
        for node in self.all.iter().map(Arc::as_ref).chain([&newcomer]) {
            for row in 0..ROWS {
                assert_eq!(node.read(row).await, self.database.read(row), "row {row}");
            }
        }
    }
}

/// A Redis at `url` that is to answer soon, under keys of the test's own.
pub(super) fn impatient(url: String) -> RedisConfig {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    RedisConfig {
        timeout: TIMEOUT,
        connect_timeout: Duration::from_secs(1),
        ..RedisConfig::new(url).namespace(format!("faults-{}-{number}", std::process::id()))
    }
}

fn key(row: usize) -> String {
    // In parts, so that a prefix reaches one row.
    format!("{row}:")
}

fn tag(row: usize) -> String {
    format!("row:{row}")
}
