//! The contract of [`RateLimiter`].

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::RateLimit;
use adstead_domain::port::{Allowance, RateLimiter};
use futures::future::{BoxFuture, join_all};

use super::Case;
use crate::cases;

/// A limiter, and how the time passes that it goes by.
pub struct Limiting {
    /// The limiter.
    pub limiter: Arc<dyn RateLimiter>,
    /// Lets time pass.
    pub pass: Box<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
}

/// What every [`RateLimiter`] must do.
pub const CASES: &[Case<Limiting>] = cases![
    as_many_calls_are_granted_at_once_as_the_limit_has,
    of_concurrent_calls_no_more_are_granted,
    what_is_refused_is_granted_after_the_wait,
    what_remains_is_told,
    what_was_not_used_does_not_add_up,
    keys_and_limits_do_not_affect_each_other,
];

/// Slow enough that none comes back while a case runs.
const SLOW: RateLimit =
    RateLimit { calls: NonZeroU32::new(5).expect("it is not zero"), per: Duration::from_secs(3_600) };

/// Fast enough to wait for.
const FAST: RateLimit =
    RateLimit { calls: NonZeroU32::new(2).expect("it is not zero"), per: Duration::from_millis(600) };

async fn take(world: &Limiting, key: &str, limit: RateLimit) -> Allowance {
    world.limiter.take(key, limit).await.expect("the limiter answers")
}

async fn is_granted(world: &Limiting, key: &str, limit: RateLimit) -> bool {
    take(world, key, limit).await.retry_after.is_none()
}

async fn as_many_calls_are_granted_at_once_as_the_limit_has(world: &Limiting) {
    for _ in 0..5 {
        assert!(is_granted(world, "a", SLOW).await);
    }
    for _ in 0..5 {
        assert!(!is_granted(world, "a", SLOW).await);
    }
}

async fn of_concurrent_calls_no_more_are_granted(world: &Limiting) {
    let granted = join_all((0..40).map(|_| is_granted(world, "a", SLOW))).await;
    assert_eq!(granted.into_iter().filter(|is_granted| *is_granted).count(), 5);
}

async fn what_is_refused_is_granted_after_the_wait(world: &Limiting) {
    while is_granted(world, "a", FAST).await {}
    let wait = take(world, "a", FAST).await.retry_after.expect("nothing is left");
    assert!(!wait.is_zero() && wait <= FAST.share(), "{wait:?}");
    // Clocks of two machines tick in milliseconds.
    (world.pass)(wait + Duration::from_millis(2)).await;
    assert!(is_granted(world, "a", FAST).await);
}

async fn what_remains_is_told(world: &Limiting) {
    let first = take(world, "a", SLOW).await;
    assert_eq!((first.remaining, first.retry_after), (4, None));
    let near = |time: Duration, expected: Duration| time.abs_diff(expected) < Duration::from_secs(60);
    assert!(near(first.full_in, SLOW.share()), "{first:?}");
    for remaining in [3, 2, 1, 0, 0] {
        assert_eq!(take(world, "a", SLOW).await.remaining, remaining);
    }
    let refused = take(world, "a", SLOW).await;
    assert!(near(refused.retry_after.expect("nothing is left"), SLOW.share()), "{refused:?}");
    assert!(near(refused.full_in, SLOW.per), "{refused:?}");
}

async fn what_was_not_used_does_not_add_up(world: &Limiting) {
    assert!(is_granted(world, "a", FAST).await);
    (world.pass)(FAST.per * 2).await;
    let granted = [is_granted(world, "a", FAST).await, is_granted(world, "a", FAST).await];
    assert_eq!(granted, [true; 2]);
    assert_eq!(take(world, "b", FAST).await.remaining, 1);
}

async fn keys_and_limits_do_not_affect_each_other(world: &Limiting) {
    while is_granted(world, "a", SLOW).await {}
    assert!(is_granted(world, "b", SLOW).await);
    let other = RateLimit { per: SLOW.per * 2, ..SLOW };
    assert!(is_granted(world, "a", other).await);
    assert!(!is_granted(world, "a", SLOW).await);
}
