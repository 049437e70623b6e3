//! Clients that send events and do not give up.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use adstead_domain::port::Clock;
use adstead_infrastructure::system::SystemClock;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::crash::draft_ad;
use crate::http::{Answer, ask, succeed};
use crate::server::Server;

/// How long a client sends one batch again and again before the test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a client waits before it sends a batch again: less than `Retry-After` says, to make it harder.
const PAUSE: Duration = Duration::from_millis(20);

/// Clients of one account, and what they have sent.
pub(super) struct Load {
    /// Where each of them sends to at present; servers that come back have new addresses.
    addresses: RwLock<Vec<SocketAddr>>,
    key: String,
    ad: String,
    now: Timestamp,
    events_a_batch: usize,
    acknowledged: AtomicU64,
    retries: AtomicU64,
    refusals: AtomicU64,
    silence: Mutex<Silence>,
    is_over: AtomicBool,
}

struct Silence {
    since: Instant,
    longest: Duration,
}

/// What clients have sent and heard.
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) batches: u64,
    /// Batches that were sent again, each time counted.
    pub(super) retries: u64,
    /// Answers that the server is out of service.
    pub(super) refusals: u64,
    /// The longest time in which no client had a batch acknowledged.
    pub(super) longest_silence: Duration,
    pub(super) took: Duration,
}

impl Load {
    pub(super) fn on(server: &Server, events_a_batch: usize) -> Self {
        let key = server.first_key();
        let ad = draft_ad(server, &key);
        Self {
            addresses: RwLock::new(vec![server.address]),
            key,
            ad,
            now: SystemClock.now(),
            events_a_batch,
            acknowledged: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
            silence: Mutex::new(Silence { since: Instant::now(), longest: Duration::ZERO }),
            is_over: AtomicBool::new(false),
        }
    }

    /// Where clients send to from now on, taking turns.
    pub(super) fn send_to(&self, addresses: &[SocketAddr]) {
        *self.addresses.write().unwrap() = addresses.to_vec();
    }

    /// Has `clients` send while `meanwhile` runs; then each gets its last batch acknowledged. `sees` hears of each answer
    /// that is no acknowledgement.
    pub(super) fn run(
        &self,
        clients: usize,
        sees: impl Fn(&Answer) + Sync,
        meanwhile: impl FnOnce(),
    ) -> Tally {
        let start = Instant::now();
        self.silence.lock().unwrap().since = start;
        let sees = &sees;
        thread::scope(|scope| {
            for client in 0..clients {
                scope.spawn(move || self.send(client, sees));
            }
            // Clients must end where a test fails, too.
            let _over = Over(&self.is_over);
            meanwhile();
        });
        let batches = self.acknowledged();
        Tally {
            events: batches * self.events_a_batch as u64,
            batches,
            retries: self.retries.load(Ordering::SeqCst),
            refusals: self.refusals(),
            longest_silence: self.silence.lock().unwrap().longest,
            took: start.elapsed(),
        }
    }

    /// Batches that were acknowledged.
    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Answers that the server is out of service.
    pub(super) fn refusals(&self) -> u64 {
        self.refusals.load(Ordering::SeqCst)
    }

    /// Waits until clients have had some more batches acknowledged, and then a moment that nobody can foresee.
    pub(super) fn wait_for_batches(&self, more: u64) {
        let (start, goal) = (Instant::now(), self.acknowledged() + more);
        while self.acknowledged() < goal {
            assert!(start.elapsed() < PATIENCE, "no {more} batches were acknowledged in time");
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(some_time(200));
    }

    fn send(&self, client: usize, sees: &(impl Fn(&Answer) + Sync)) {
        for number in 0.. {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let batch = self.batch(client, number);
            let start = Instant::now();
            while !self.is_acknowledged(client, &batch, sees) {
                assert!(start.elapsed() < PATIENCE, "a batch was not taken in time");
                self.retries.fetch_add(1, Ordering::SeqCst);
                thread::sleep(PAUSE);
            }
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
            let mut silence = self.silence.lock().unwrap();
            silence.longest = silence.longest.max(silence.since.elapsed());
            silence.since = Instant::now();
        }
    }

    fn is_acknowledged(&self, client: usize, batch: &Value, sees: &(impl Fn(&Answer) + Sync)) -> bool {
        let address = {
            let addresses = self.addresses.read().unwrap();
            addresses[client % addresses.len()]
        };
        // Nobody there, or gone before it answered.
        let Ok(answer) = ask(address, "POST /v1/events", &self.key, Some(batch)) else { return false };
        // Gone in the middle of its answer.
        let Ok(body) = serde_json::from_str::<Value>(&answer.body) else { return false };
        match answer.status {
            200 => {
                assert_eq!(body["rejected"], json!([]), "{answer:?}");
                return true;
            }
            503 => {
                assert!(answer.header("retry-after").is_some(), "{answer:?}");
                self.refusals.fetch_add(1, Ordering::SeqCst);
            }
            // Nobody knows what became of it.
            504 => {}
            _ => panic!("the server answered {answer:?}"),
        }
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
        sees(&answer);
        false
    }

    /// The same events whenever it is asked for.
    fn batch(&self, client: usize, number: u64) -> Value {
        let event = |index: usize| {
            json!({
                "id": format!("{client:08x}-0000-4000-8000-{:012x}", number * self.events_a_batch as u64 + index as u64),
                "kind": "impression",
                "ad_id": self.ad,
                "occurred_at": self.now,
                "cost_micros": COST_MICROS,
            })
        };
        json!({ "events": (0..self.events_a_batch).map(event).collect::<Vec<_>>() })
    }

    /// What the reports of the server at `address` hold must be what was acknowledged.
    pub(super) fn check(&self, address: SocketAddr, tally: &Tally) {
        for report in ["granularity=total&group_by=account", "granularity=day&group_by=ad"] {
            let report = format!("GET /v1/reports/performance?{report}");
            let totals = &succeed(address, &report, &self.key, None)["totals"];
            assert_eq!(totals["impressions"], tally.events, "acknowledged, and {totals}");
            assert_eq!(totals["spend_micros"], tally.events * COST_MICROS, "acknowledged, and {totals}");
        }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

const COST_MICROS: u64 = 250;

/// Tells clients to end, however the test does.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Up to so many milliseconds.
pub(super) fn some_time(at_most_ms: u64) -> Duration {
    let nanos = u64::from(SystemClock.now().subsec_nanosecond().unsigned_abs());
    Duration::from_millis(nanos / 1_000 % (at_most_ms + 1))
}
