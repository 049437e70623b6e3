//! Rates, within a process and over Redis.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use adstead_backends::{Backend, available, started};
use adstead_domain::RateLimit;
use adstead_domain::port::{IdGenerator as _, RateLimiter};
use adstead_infrastructure::cache::{CacheConfig, CacheManager, RedisConfig, SharedRateLimiter};
use adstead_infrastructure::resilience::LocalRateLimiter;
use adstead_infrastructure::system::UuidV7;
use adstead_testkit::contract::rate_limiter::{CASES, Limiting};
use adstead_testkit::contract::run_all;
use futures::FutureExt;
use tokio::time::sleep;

fn limiting(limiter: Arc<dyn RateLimiter>) -> Arc<Limiting> {
    Arc::new(Limiting { limiter, pass: Box::new(|time| sleep(time).boxed()) })
}

#[tokio::test(start_paused = true)]
async fn the_local_rate_limiter_keeps_the_contract() {
    run_all("LocalRateLimiter", "RateLimiter", CASES, async || limiting(Arc::new(LocalRateLimiter::new())))
        .await;
}

fn over(redis: &str, namespace: &str) -> CacheConfig {
    let redis = RedisConfig::new(redis).namespace(namespace);
    CacheConfig { redis: Some(redis), ..CacheConfig::in_memory(1 << 20) }
}

#[tokio::test]
async fn the_shared_rate_limiter_keeps_the_contract() {
    let alone =
        async || limiting(Arc::new(CacheManager::new(&CacheConfig::in_memory(1 << 20)).rate_limiter()));
    run_all("SharedRateLimiter (no Redis)", "RateLimiter", CASES, alone).await;
    let Some(redis) = available(Backend::Redis) else { return };
    let make = async || {
        let namespace = format!("rates-{}", UuidV7.next());
        let cache = CacheManager::connect(&over(&redis.url(), &namespace)).await.unwrap();
        limiting(Arc::new(cache.rate_limiter()))
    };
    run_all("SharedRateLimiter", "RateLimiter", CASES, make).await;
}

#[tokio::test]
async fn processes_share_a_rate_and_each_goes_on_alone_without_redis() {
    let Some(redis) = started(Backend::Redis) else { return };
    let limit = RateLimit { calls: NonZeroU32::new(10).unwrap(), per: Duration::from_secs(3_600) };
    let (one, other) = (over(&redis.url(), "shared"), over(&redis.url(), "shared"));
    let (one, other) =
        (CacheManager::connect(&one).await.unwrap(), CacheManager::connect(&other).await.unwrap());
    let limiters = [one.rate_limiter(), other.rate_limiter()];
    let take = async |limiter: &SharedRateLimiter| {
        limiter.take("account", limit).await.unwrap().retry_after.is_none()
    };
    let mut granted = 0;
    for limiter in limiters.iter().cycle().take(40) {
        granted += u32::from(take(limiter).await);
    }
    assert_eq!(granted, 10, "over both");

    redis.kill().unwrap();
    let mut granted = 0;
    for limiter in limiters.iter().cycle().take(40) {
        granted += u32::from(take(limiter).await);
    }
    assert_eq!(granted, 20, "ten each, and no error");
}
