//! A Redis of our own, and what it tells of its work.

use std::time::{Duration, Instant};

use adstead_backends::{Backend, Server, started};
use adstead_infrastructure::cache::{CacheConfig, CacheManager, RedisConfig};
use adstead_testkit::bench::{Bench, Row};
use fred::prelude::*;
use fred::types::config::UnresponsiveConfig;
use fred::types::{InfoKind, RespVersion};
use tokio::runtime::Runtime;

/// Measures with a Redis of its own, where the machine has one.
pub(crate) fn with_redis(bench: Bench, compare: impl FnOnce(&Server) -> Row) -> Row {
    match started(Backend::Redis) {
        Some(server) => compare(&server),
        None => bench.missing("not measured: this machine has no Redis"),
    }
}

/// The microseconds that a call of either side takes, in the middle of so many, in a task as in a server.
///
/// They take turns call by call: where a processor falls asleep between two messages, a round trip takes five times as long, and
/// whether it does changes from one second to the next.
pub(crate) fn micros_in_turns<Ours, Baseline>(
    runtime: &Runtime,
    calls: usize,
    ours: impl Fn(usize) -> Ours + Send + 'static,
    baseline: impl Fn(usize) -> Baseline + Send + 'static,
) -> (f64, f64)
where
    Ours: Future<Output = ()> + Send,
    Baseline: Future<Output = ()> + Send,
{
    let turns = async move {
        let mut micros = (Vec::with_capacity(calls), Vec::with_capacity(calls));
        for call in 0..calls {
            micros.0.push(micros_of(ours(call)).await);
            micros.1.push(micros_of(baseline(call)).await);
        }
        (median(micros.0), median(micros.1))
    };
    runtime.block_on(async { tokio::spawn(turns).await.expect("the calls end") })
}

async fn micros_of(call: impl Future<Output = ()>) -> f64 {
    let start = Instant::now();
    call.await;
    start.elapsed().as_nanos() as f64 / 1e3
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A node: so much memory, and this Redis.
pub(crate) async fn node(server: &Server, max_bytes: u64) -> CacheManager {
    let config = CacheConfig::in_memory(max_bytes).with_redis(RedisConfig::new(server.url()));
    CacheManager::connect(&config).await.expect("a usable configuration")
}

/// The same Redis past us: fred alone, with the settings that the cache gives it.
pub(crate) fn builder(server: &Server) -> Builder {
    let RedisConfig { timeout, connect_timeout, .. } = RedisConfig::new(server.url());
    let mut config = Config::from_url(&server.url()).expect("an address of Redis");
    config.version = RespVersion::RESP3;
    config.fail_fast = false;
    let mut builder = Builder::from_config(config);
    builder.with_performance_config(|performance| {
        performance.default_command_timeout = timeout;
        performance.broadcast_channel_capacity = 4096;
    });
    builder.with_connection_config(|connection| {
        connection.connection_timeout = connect_timeout;
        connection.internal_command_timeout = connect_timeout;
        connection.max_command_attempts = 2;
        connection.max_command_buffer_len = 10_000;
        connection.reconnect_on_auth_error = true;
        connection.tcp.nodelay = Some(true);
        let silence = Duration::from_secs(2);
        connection.unresponsive = UnresponsiveConfig { max_timeout: Some(silence), interval: silence / 4 };
    });
    // Without one it waits for ever, before its first connection.
    builder.set_policy(ReconnectPolicy::new_exponential(0, 50, 2_000, 2));
    builder
}

/// As many connections as the cache makes.
pub(crate) async fn pool(server: &Server) -> Pool {
    let RedisConfig { connections, .. } = RedisConfig::new(server.url());
    let pool = builder(server).build_pool(connections).expect("a pool");
    pool.init().await.expect("Redis answers");
    pool
}

/// What a server did so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Work {
    /// Processor time in seconds.
    pub(crate) cpu: f64,
    /// Bytes sent.
    pub(crate) sent: f64,
    /// Commands of clients, those inside scripts and these questions included.
    pub(crate) commands: f64,
    /// Of these, `GET`.
    pub(crate) gets: f64,
}

impl Work {
    pub(crate) async fn of(client: &impl ServerInterface) -> Self {
        let text: String = client.info(Some(InfoKind::All)).await.expect("Redis tells of itself");
        let value = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(':'));
            lines.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let number = |name| value(name).and_then(|value| value.parse().ok()).unwrap_or(0.0);
        // Such as `cmdstat_get:calls=12,usec=30,…`.
        let calls = |name| {
            let told = value(name)?.strip_prefix("calls=")?;
            told.split(',').next()?.parse::<f64>().ok()
        };
        Self {
            cpu: number("used_cpu_user") + number("used_cpu_sys"),
            sent: number("total_net_output_bytes"),
            commands: number("total_commands_processed"),
            gets: calls("cmdstat_get").unwrap_or(0.0),
        }
    }
}
