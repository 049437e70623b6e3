use std::sync::Arc;
use std::time::Duration;

use adstead_testkit::TestClock;
use adstead_testkit::contract::rate_limiter::{CASES, Limiting};
use adstead_testkit::contract::run_all;
use adstead_testkit::memory::MemoryRateLimiter;
use futures::FutureExt;

#[tokio::test]
async fn the_memory_rate_limiter_keeps_the_contract() {
    let make = async || {
        let clock = Arc::new(TestClock::default());
        let limiter = Arc::new(MemoryRateLimiter::new(clock.clone()));
        let pass = Box::new(move |time: Duration| {
            clock.advance(time.try_into().expect("a short time"));
            async {}.boxed()
        });
        Arc::new(Limiting { limiter, pass })
    };
    run_all("MemoryRateLimiter", "RateLimiter", CASES, make).await;
}
