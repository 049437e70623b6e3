//! Two ways in which nodes may learn that their memory is outdated, in fred alone and without our cache: by pub/sub, as the
//! cache does it, against RESP3 client tracking (`CLIENT TRACKING ON BCAST PREFIX … NOLOOP`). The figures of ADR 19.
//!
//! A write by pub/sub is a script that sets and publishes; tracked, it is a bare `SET`, of which the server tells by itself.
//! A fill is the script of the cache on both sides; tracked, the server tells of that as well.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use adstead_backends::Server;
use adstead_testkit::bench::{Bench, Better, Row};
use fred::clients::SubscriberClient;
use fred::prelude::*;
use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::Comparison;
use crate::redis::{Work, builder, with_redis};

const CHANNEL: &str = "bench:events";
const PREFIX: &str = "bench:e:";

/// Bytes of an entry in Redis: those of an ad with two tags.
const ENTRY_BYTES: usize = 400;
const TOMBSTONE_BYTES: usize = 11;
const LIFETIME_MS: u32 = 3_600_000;

const CALLS: usize = 500;
const ROUNDS: usize = 21;

const SET: &str =
    "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) redis.call('PUBLISH', ARGV[3], ARGV[4]) return 1";
const FILL: &str = "if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('GETRANGE', KEYS[1], 0, 10) == '' then return 0 end \
                    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1";

/// What is measured of a round of calls.
#[derive(Debug, Clone, Copy)]
enum Figure {
    /// The time until all other nodes have heard, in microseconds, at this quantile.
    Latency(f64),
    /// Processor time of the server a call, in microseconds.
    Cpu,
    /// Bytes that the server sends a call.
    Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Call {
    Invalidate,
    Fill,
}

pub(crate) fn comparisons() -> Vec<(Bench, Comparison)> {
    use Call::{Fill, Invalidate};
    use Figure::{Bytes, Cpu, Latency};
    let bench = |name, unit| Bench {
        name,
        unit,
        baseline_name: "client tracking",
        target: 1.0,
        better: Better::Lower,
    };
    vec![
        (bench("cache.nodes_2.invalidate_p50", "µs"), |r, b| compare(r, b, 2, Invalidate, Latency(0.5))),
        (bench("cache.nodes_2.invalidate_p99", "µs"), |r, b| compare(r, b, 2, Invalidate, Latency(0.99))),
        (bench("cache.nodes_2.invalidate_cpu", "µs of Redis"), |r, b| compare(r, b, 2, Invalidate, Cpu)),
        (bench("cache.nodes_2.invalidate_bytes", "bytes sent"), |r, b| compare(r, b, 2, Invalidate, Bytes)),
        (bench("cache.nodes_2.fill_cpu", "µs of Redis"), |r, b| compare(r, b, 2, Fill, Cpu)),
        (bench("cache.nodes_2.fill_bytes", "bytes sent"), |r, b| compare(r, b, 2, Fill, Bytes)),
        (bench("cache.nodes_8.invalidate_p50", "µs"), |r, b| compare(r, b, 8, Invalidate, Latency(0.5))),
        (bench("cache.nodes_8.invalidate_p99", "µs"), |r, b| compare(r, b, 8, Invalidate, Latency(0.99))),
        (bench("cache.nodes_8.invalidate_cpu", "µs of Redis"), |r, b| compare(r, b, 8, Invalidate, Cpu)),
        (bench("cache.nodes_8.invalidate_bytes", "bytes sent"), |r, b| compare(r, b, 8, Invalidate, Bytes)),
        (bench("cache.nodes_8.fill_cpu", "µs of Redis"), |r, b| compare(r, b, 8, Fill, Cpu)),
        (bench("cache.nodes_8.fill_bytes", "bytes sent"), |r, b| compare(r, b, 8, Fill, Bytes)),
    ]
}

fn compare(runtime: &Runtime, bench: Bench, nodes: usize, call: Call, figure: Figure) -> Row {
    with_redis(bench, |server| {
        let (published, tracked) = runtime.block_on(async {
            (Nodes::open(server, nodes, Way::PubSub).await, Nodes::open(server, nodes, Way::Tracking).await)
        });
        let round = |nodes: &Nodes| runtime.block_on(nodes.round(call, figure));
        let row = bench.compare_rounds(ROUNDS, || round(&published), || round(&tracked));
        let heard = |nodes: &Nodes| nodes.ears.heard.load(Ordering::Relaxed) / (ROUNDS as u64 + 1);
        let echoes = tracked.ears.echoes.load(Ordering::Relaxed) / (ROUNDS as u64 + 1);
        row.with_note(format!(
            "messages of others for {CALLS} calls: {} by pub/sub, {} by tracking; and {echoes} to the node itself, though NOLOOP",
            heard(&published),
            heard(&tracked)
        ))
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    PubSub,
    Tracking,
}

/// Nodes that hear of each other in one way.
struct Nodes {
    way: Way,
    /// The connections on which nodes command, the first of them the one that writes.
    clients: Vec<Client>,
    /// Those on which they hear, where these are others.
    _subscribers: Vec<SubscriberClient>,
    ears: Arc<Ears>,
    keys: Vec<String>,
}

/// What all nodes together have heard.
#[derive(Default)]
struct Ears {
    heard: AtomicU64,
    /// What the node that writes heard of itself.
    echoes: AtomicU64,
    all: Notify,
}

impl Ears {
    fn hear(&self, is_writer: bool) {
        if is_writer {
            self.echoes.fetch_add(1, Ordering::Relaxed);
        } else {
            self.heard.fetch_add(1, Ordering::AcqRel);
            self.all.notify_one();
        }
    }

    async fn until(&self, count: u64) {
        while self.heard.load(Ordering::Acquire) < count {
            self.all.notified().await;
        }
    }
}

impl Nodes {
    async fn open(server: &Server, count: usize, way: Way) -> Self {
        let ears = Arc::<Ears>::default();
        let (mut clients, mut subscribers) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let client = builder(server).build().expect("a client");
            client.init().await.expect("Redis answers");
            let hears = Arc::clone(&ears);
            let is_writer = clients.is_empty();
            match way {
                Way::PubSub => {
                    let subscriber = builder(server).build_subscriber_client().expect("a subscriber");
                    subscriber.init().await.expect("Redis answers");
                    subscriber.on_message(move |_| {
                        hears.hear(is_writer);
                        ready(Ok(()))
                    });
                    subscriber.subscribe(CHANNEL).await.expect("a subscription");
                    subscribers.push(subscriber);
                }
                Way::Tracking => {
                    client.on_invalidation(move |invalidation| {
                        invalidation.keys.iter().for_each(|_| hears.hear(is_writer));
                        Ok(())
                    });
                    let tracking = client.start_tracking(PREFIX, true, false, false, true);
                    tracking.await.expect("Redis tracks");
                }
            }
            clients.push(client);
        }
        // Keys that the other way does not watch.
        let prefix = if way == Way::Tracking { PREFIX } else { "bench:p:" };
        let keys = (0..CALLS).map(|n| format!("{prefix}ads:0199-7f2c-4d1e:{n:08}")).collect();
        Self { way, clients, _subscribers: subscribers, ears, keys }
    }

    async fn round(&self, call: Call, figure: Figure) -> f64 {
        let tells = call == Call::Invalidate || self.way == Way::Tracking;
        let others = if tells { self.clients.len() as u64 - 1 } else { 0 };
        let before = Work::of(&self.clients[0]).await;
        let mut latencies = Vec::with_capacity(CALLS);
        for key in &self.keys {
            let heard = self.ears.heard.load(Ordering::Acquire);
            let start = Instant::now();
            self.call(call, key).await;
            self.ears.until(heard + others).await;
            latencies.push(start.elapsed());
        }
        let after = Work::of(&self.clients[0]).await;
        match figure {
            Figure::Latency(quantile) => {
                latencies.sort();
                micros(latencies[(CALLS as f64 * quantile) as usize])
            }
            Figure::Cpu => (after.cpu - before.cpu) * 1e6 / CALLS as f64,
            Figure::Bytes => (after.sent - before.sent) / CALLS as f64,
        }
    }

    async fn call(&self, call: Call, key: &str) {
        let client = &self.clients[0];
        match (call, self.way) {
            (Call::Invalidate, Way::Tracking) => {
                let lifetime = Some(Expiration::PX(LIFETIME_MS.into()));
                let () = client
                    .set(key, vec![b'x'; TOMBSTONE_BYTES].as_slice(), lifetime, None, false)
                    .await
                    .expect("Redis answers");
            }
            (Call::Invalidate, Way::PubSub) => {
                let message = format!("keys 0123456789abcdef\n{key}");
                let entry = "x".repeat(TOMBSTONE_BYTES);
                let arguments = vec![entry, LIFETIME_MS.to_string(), CHANNEL.to_owned(), message];
                run(client, SET, key, arguments).await;
            }
            (Call::Fill, _) => {
                run(client, FILL, key, vec!["x".repeat(ENTRY_BYTES), LIFETIME_MS.to_string()]).await;
            }
        }
    }
}

async fn run(client: &Client, script: &str, key: &str, arguments: Vec<String>) {
    let digest = fred::util::sha1_hash(script);
    let known: Result<Value, _> = client.evalsha(digest, key, arguments.clone()).await;
    if known.is_err() {
        let _: Value = client.eval(script, key, arguments).await.expect("a script that runs");
    }
}

fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}
