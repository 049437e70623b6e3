//! The time that the chain adds to a call that does nothing.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use adstead_domain::RateLimit;
use adstead_domain::port::PortError;
use adstead_infrastructure::external::{Call, ExternalServiceManager, ServicePolicy};
use adstead_infrastructure::resilience::Deadline;
use adstead_testkit::bench::{Bench, ROUNDS, Row};
use tokio::runtime::Runtime;

const NAME: &str = "service";
const CALLS: u32 = 100_000;
const MEAN_BOUND_US: f64 = 11.0;
const P99_BOUND_US: f64 = 100.0;

/// Every part of the chain is there, none of them holds a call back.
fn services() -> Arc<ExternalServiceManager> {
    let services = ExternalServiceManager::new();
    let rate_limit = Some(RateLimit { calls: NonZeroU32::MAX, per: Duration::from_secs(1) });
    services.register(NAME, ServicePolicy { rate_limit, ..ServicePolicy::default() });
    Arc::new(services)
}

async fn nothing() -> Result<(), PortError> {
    black_box(Ok(()))
}

async fn through(services: &ExternalServiceManager) {
    let call = Call::new("service.call", Deadline::after(Duration::from_secs(60)));
    services.call(NAME, call, nothing).await.expect("nothing fails");
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The mean of the chain, less that of the bare call.
pub(crate) fn mean(runtime: &Runtime, bench: Bench) -> Row {
    let services = services();
    let added = median(|| {
        runtime.block_on(async {
            let start = Instant::now();
            for _ in 0..CALLS {
                through(&services).await;
            }
            let chained = start.elapsed();
            let start = Instant::now();
            for _ in 0..CALLS {
                nothing().await.expect("nothing fails");
            }
            micros(chained.saturating_sub(start.elapsed())) / f64::from(CALLS)
        })
    });
    bench.row(added, MEAN_BOUND_US)
}

/// The same, with two threads that call one service at once.
pub(crate) fn mean_on_two_threads(runtime: &Runtime, bench: Bench) -> Row {
    let services = services();
    let added = median(|| {
        let caller = || {
            let services = Arc::clone(&services);
            runtime.spawn(async move {
                let start = Instant::now();
                for _ in 0..CALLS {
                    through(&services).await;
                }
                start.elapsed()
            })
        };
        let (one, other) = (caller(), caller());
        let took = runtime.block_on(async { (one.await, other.await) });
        let (one, other) = (took.0.expect("it does not panic"), took.1.expect("it does not panic"));
        micros(one.max(other)) / f64::from(CALLS)
    });
    bench.row(added, MEAN_BOUND_US)
}

/// The time that one call in a hundred exceeds.
pub(crate) fn p99(runtime: &Runtime, bench: Bench) -> Row {
    let services = services();
    let slow = median(|| {
        runtime.block_on(async {
            let mut times = Vec::with_capacity(CALLS as usize);
            for _ in 0..CALLS {
                let start = Instant::now();
                through(&services).await;
                times.push(start.elapsed());
            }
            times.sort_unstable();
            micros(times[times.len() * 99 / 100])
        })
    });
    bench.row(slow, P99_BOUND_US)
}

/// The median of several rounds; one runs first and is not counted.
fn median(mut round: impl FnMut() -> f64) -> f64 {
    round();
    let mut figures: Vec<_> = (0..ROUNDS).map(|_| round()).collect();
    figures.sort_by(f64::total_cmp);
    figures[ROUNDS / 2]
}
