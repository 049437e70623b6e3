//! For what calls wait, and for how long, in tokio's time.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use adstead_domain::RateLimit;
use adstead_domain::port::{PortError, PortErrorKind, ServiceRefusal};
use adstead_infrastructure::external::{Call, ExternalServiceManager, ServicePolicy, Streaming};
use adstead_infrastructure::resilience::{Begun, BreakerPolicy, Deadline, RetryPolicy};
use futures::future::join_all;
use tokio::time::{Instant, sleep};

use super::statistics;

const SECOND: Duration = Duration::from_secs(1);

fn registered(policy: ServicePolicy) -> Arc<ExternalServiceManager> {
    let services = ExternalServiceManager::new();
    services.register("rates", policy);
    Arc::new(services)
}

fn within(time: Duration) -> Call {
    Call::new("rates.get", Deadline::after(time))
}

fn throttled() -> PortError {
    PortError::new(PortErrorKind::RateLimited, "rates.get").with_retry_after(20 * SECOND)
}

#[tokio::test(start_paused = true)]
async fn the_patient_wait_for_the_rate_limit_however_many_there_are() {
    let one_a_second = RateLimit { calls: NonZeroU32::MIN, per: SECOND };
    let services = registered(ServicePolicy { rate_limit: Some(one_a_second), ..ServicePolicy::default() });
    let started = Instant::now();
    let calls = (0..20).map(|_| services.call("rates", within(120 * SECOND), async || Ok(())));
    let answers = join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(started.elapsed() >= 19 * SECOND, "{:?}", started.elapsed());
    let counts = statistics(&services, "rates");
    assert_eq!((counts.calls, counts.retries, counts.refused), (20, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_what_does_not_come_in_time() {
    let one_a_minute = RateLimit::per_minute(NonZeroU32::MIN);
    let services = registered(ServicePolicy { rate_limit: Some(one_a_minute), ..ServicePolicy::default() });
    let started = Instant::now();
    services.call("rates", within(SECOND), async || Ok(())).await.unwrap();
    let error = services.call("rates", within(30 * SECOND), async || Ok(())).await.unwrap_err();
    assert_eq!((error.kind, error.retry_after), (PortErrorKind::RateLimited, Some(60 * SECOND)));
    assert_eq!((started.elapsed(), statistics(&services, "rates").refused), (Duration::ZERO, 1));
}

#[tokio::test(start_paused = true)]
async fn the_impatient_do_not_queue_behind_the_patient() {
    let services = registered(ServicePolicy { concurrency: 1, ..ServicePolicy::default() });
    let throttle = async || Err::<(), _>(throttled());
    let impatient = Call { is_patient: false, ..within(60 * SECOND) };
    services.call("rates", impatient, throttle).await.unwrap_err();
    let patient = {
        let services = Arc::clone(&services);
        tokio::spawn(async move { services.call("rates", within(60 * SECOND), async || Ok(())).await })
    };
    sleep(SECOND).await;
    assert_eq!(statistics(&services, "rates").in_flight, 1);
    let started = Instant::now();
    let error = services.call("rates", impatient, throttle).await.unwrap_err();
    assert_eq!((error.retry_after, started.elapsed()), (Some(19 * SECOND), Duration::ZERO));
    patient.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn nor_for_what_is_limited_or_open() {
    let two_a_minute = RateLimit { calls: NonZeroU32::MIN, per: 30 * SECOND };
    let breaker = BreakerPolicy { failures: 1, of_last: 1, open_for: SECOND, longest: SECOND };
    let policy = ServicePolicy { concurrency: 1, breaker, ..ServicePolicy::default() };
    let services = registered(ServicePolicy { rate_limit: Some(two_a_minute), ..policy.clone() });
    services.call("rates", within(SECOND), async || Ok(())).await.unwrap();
    let patient = {
        let services = Arc::clone(&services);
        tokio::spawn(async move { services.call("rates", within(120 * SECOND), async || Ok(())).await })
    };
    sleep(SECOND).await;
    let started = Instant::now();
    let impatient = Call { is_patient: false, ..within(60 * SECOND) };
    let error = services.call("rates", impatient, async || Ok(())).await.unwrap_err();
    assert_eq!(ServiceRefusal::of(&error), Some(ServiceRefusal::RateLimit));
    assert_eq!((error.retry_after, started.elapsed()), (Some(29 * SECOND), Duration::ZERO));
    patient.await.unwrap().unwrap();

    let services = registered(ServicePolicy { concurrency: 2, retry: RetryPolicy::times(0), ..policy });
    let hanging = {
        let services = Arc::clone(&services);
        let hang = async || std::future::pending::<Result<(), _>>().await;
        tokio::spawn(async move { services.call("rates", within(20 * SECOND), hang).await })
    };
    sleep(SECOND).await;
    let down = async || Err::<(), _>(PortError::new(PortErrorKind::Unavailable, "rates.get"));
    services.call("rates", within(SECOND), down).await.unwrap_err();
    let error = services.call("rates", within(SECOND), async || Ok(())).await.unwrap_err();
    assert_eq!((ServiceRefusal::of(&error), error.retry_after), (Some(ServiceRefusal::Open), Some(SECOND)));
    hanging.await.unwrap().unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn who_has_heard_the_beginning_may_ask_again_until_the_end() {
    let services = registered(ServicePolicy::default());
    let begun = Begun::default();
    begun.note();
    sleep(3 * SECOND).await;
    let streaming = Streaming { begun: &begun, first: Deadline::after(Duration::ZERO) };
    let attempt = async || {
        sleep(2 * SECOND).await;
        Ok(7)
    };
    let answer = services.call_streaming("rates", within(10 * SECOND), streaming, attempt).await;
    assert_eq!(answer.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn what_must_begin_soon_is_not_waited_for_beyond_that() {
    let retry = RetryPolicy { first_wait: 5 * SECOND, longest_wait: 5 * SECOND, ..RetryPolicy::times(9) };
    let services = registered(ServicePolicy { retry, ..ServicePolicy::default() });
    let begun = Begun::default();
    let streaming = Streaming { begun: &begun, first: Deadline::after(2 * SECOND) };
    let attempts = AtomicU32::new(0);
    let started = Instant::now();
    let attempt = async || {
        attempts.fetch_add(1, Ordering::Relaxed);
        Err::<(), _>(PortError::new(PortErrorKind::Unavailable, "rates.get").with_retry_after(5 * SECOND))
    };
    let error = services.call_streaming("rates", within(60 * SECOND), streaming, attempt).await.unwrap_err();
    assert_eq!((error.kind, attempts.into_inner()), (PortErrorKind::Unavailable, 1));
    assert_eq!(started.elapsed(), Duration::ZERO);
}
