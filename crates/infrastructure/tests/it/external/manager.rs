//! The chain that each call passes, in tokio's time.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use adstead_domain::RateLimit;
use adstead_domain::port::{
    BreakerState, DisabledService, PortError, PortErrorKind, ServiceHealth, ServiceRefusal, ServiceStatistics,
};
use adstead_infrastructure::external::{Call, ExternalServiceManager, Probe, ServicePolicy};
use adstead_infrastructure::resilience::{BreakerPolicy, BulkheadFull, Deadline, RetryPolicy};
use jiff::Timestamp;
use tokio::time::{Instant, advance, sleep};

const NAME: &str = "rates";
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn without_retries() -> ServicePolicy {
    ServicePolicy { retry: RetryPolicy::times(0), ..ServicePolicy::default() }
}

fn registered(policy: ServicePolicy) -> Arc<ExternalServiceManager> {
    let services = ExternalServiceManager::new();
    services.register(NAME, policy);
    Arc::new(services)
}

fn call() -> Call {
    Call::new("rates.get", Deadline::after(MINUTE))
}

fn counted(services: &ExternalServiceManager) -> ServiceStatistics {
    services.statistics().remove(0)
}

/// Calls a service that always fails so: the error, and how many attempts reached the service.
async fn failing(
    services: &ExternalServiceManager,
    call: Call,
    error: impl Fn() -> PortError,
) -> (PortError, u32) {
    let attempts = AtomicU32::new(0);
    let attempt = async || {
        attempts.fetch_add(1, Ordering::Relaxed);
        Err::<(), _>(error())
    };
    let error = services.call(NAME, call, attempt).await.expect_err("the service fails");
    (error, attempts.into_inner())
}

fn unavailable() -> PortError {
    PortError::new(PortErrorKind::Unavailable, "rates.get")
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_too_often_is_left_alone_and_then_tried_by_one_call() {
    let breaker = BreakerPolicy { failures: 2, of_last: 2, open_for: SECOND, longest: SECOND };
    let services = registered(ServicePolicy { breaker, ..without_retries() });
    for _ in 0..2 {
        assert_eq!(failing(&services, call(), unavailable).await.1, 1);
    }
    let (error, attempts) = failing(&services, call(), unavailable).await;
    assert_eq!((attempts, ServiceRefusal::of(&error)), (0, Some(ServiceRefusal::Open)));
    assert_eq!((error.kind, error.retry_after), (PortErrorKind::Unavailable, Some(SECOND)));
    let counts = counted(&services);
    assert_eq!((counts.health, counts.available_in), (ServiceHealth::Open, Some(SECOND)));
    assert_eq!((counts.calls, counts.failures, counts.refused, counts.openings), (2, 2, 1, 1));
    advance(SECOND).await;
    services.call(NAME, call(), async || Ok(())).await.unwrap();
    assert_eq!(counted(&services).health, ServiceHealth::Active);
}

#[tokio::test(start_paused = true)]
async fn who_is_in_a_hurry_says_nothing_of_the_service() {
    let breaker = BreakerPolicy { failures: 2, of_last: 2, open_for: SECOND, longest: SECOND };
    let services = registered(ServicePolicy { breaker, attempt_timeout: 20 * SECOND, ..without_retries() });
    let hang = async |patience| {
        let call = Call::new("rates.get", Deadline::after(patience));
        services
            .call(NAME, call, async || std::future::pending::<Result<(), _>>().await)
            .await
            .unwrap_err()
            .kind
    };
    for _ in 0..5 {
        assert_eq!(hang(9 * SECOND).await, PortErrorKind::Timeout);
    }
    let counts = counted(&services);
    assert_eq!((counts.calls, counts.failures, counts.openings), (5, 5, 0));
    assert_eq!(counts.success_rate, None, "nothing was learnt of it");
    for _ in 0..2 {
        assert_eq!(hang(11 * SECOND).await, PortErrorKind::Timeout);
    }
    assert_eq!(counted(&services).openings, 1);
    advance(SECOND).await;
    assert_eq!(hang(Duration::ZERO).await, PortErrorKind::Timeout);
    assert_eq!(counted(&services).calls, 7, "who comes too late calls nobody");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_hangs_is_found_out_by_those_who_have_a_share_of_its_time() {
    let breaker = BreakerPolicy { failures: 2, of_last: 2, open_for: SECOND, longest: SECOND };
    let services = registered(ServicePolicy { breaker, attempt_timeout: MINUTE, ..without_retries() });
    for _ in 0..2 {
        let share = Call::new("rates.get", Deadline::after(20 * SECOND));
        let hang = async || std::future::pending::<Result<(), _>>().await;
        services.call(NAME, share, hang).await.unwrap_err();
    }
    assert_eq!(counted(&services).openings, 1);
}

#[tokio::test(start_paused = true)]
async fn a_time_out_that_the_service_tells_of_is_its_own() {
    let breaker = BreakerPolicy { failures: 2, of_last: 2, open_for: SECOND, longest: SECOND };
    let services = registered(ServicePolicy { breaker, ..without_retries() });
    for _ in 0..2 {
        let hurried = Call::new("rates.get", Deadline::after(SECOND));
        failing(&services, hurried, || PortError::new(PortErrorKind::Timeout, "rates.get")).await;
    }
    assert_eq!(counted(&services).openings, 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_told_and_is_no_sickness() {
    let services = registered(ServicePolicy::default());
    for _ in 0..20 {
        let denied = || PortError::new(PortErrorKind::Denied, "rates.get");
        assert_eq!(failing(&services, call(), denied).await.1, 1, "it is not tried again");
    }
    let counts = counted(&services);
    assert_eq!((counts.health, counts.openings), (ServiceHealth::Degraded, 0));
    assert_eq!((counts.breaker, counts.success_rate), (BreakerState::Closed, Some(0.0)));
}

#[tokio::test(start_paused = true)]
async fn a_shorter_wish_to_wait_takes_nothing_from_a_longer_one() {
    let services = registered(without_retries());
    let throttled = async |seconds: u32| {
        sleep(SECOND).await;
        let error = PortError::new(PortErrorKind::RateLimited, "rates.get");
        Err::<(), _>(error.with_retry_after(seconds * SECOND))
    };
    let call_for = async |seconds| services.call(NAME, call(), async || throttled(seconds).await).await;
    let (first, second) = futures::future::join(call_for(60), call_for(0)).await;
    assert!(first.is_err() && second.is_err());
    assert_eq!(counted(&services).available_in, Some(MINUTE));
}

#[tokio::test(start_paused = true)]
async fn what_the_service_refuses_is_no_fault_of_it_and_is_not_tried_again() {
    let services = registered(ServicePolicy::default());
    for _ in 0..50 {
        let refused = || PortError::new(PortErrorKind::Rejected, "rates.get");
        assert_eq!(failing(&services, call(), refused).await.1, 1);
    }
    let counts = counted(&services);
    assert_eq!((counts.health, counts.success_rate), (ServiceHealth::Active, Some(1.0)));
    assert_eq!((counts.failures, counts.openings, counts.retries), (50, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_asks_for_time_is_waited_for_by_the_patient_alone() {
    let services = registered(ServicePolicy::default());
    let limited = || PortError::new(PortErrorKind::RateLimited, "rates.get").with_retry_after(20 * SECOND);
    let impatient = Call { is_patient: false, ..call() };
    let (error, attempts) = failing(&services, impatient, limited).await;
    assert_eq!((error.retry_after, attempts), (Some(20 * SECOND), 1));
    let (error, attempts) = failing(&services, impatient, limited).await;
    assert_eq!(
        (ServiceRefusal::of(&error), attempts),
        (Some(ServiceRefusal::Cooling), 0),
        "it is not asked meanwhile"
    );
    let counts = counted(&services);
    assert_eq!((counts.health, counts.available_in), (ServiceHealth::RateLimited, Some(20 * SECOND)));

    let started = Instant::now();
    services.call(NAME, call(), async || Ok(())).await.unwrap();
    assert!((20 * SECOND..21 * SECOND).contains(&started.elapsed()), "{:?}", started.elapsed());
    assert_eq!((counted(&services).health, counted(&services).openings), (ServiceHealth::Active, 0));
}

#[tokio::test(start_paused = true)]
async fn a_sick_service_gets_few_retries_however_many_call_it() {
    let breaker = BreakerPolicy { failures: 64, of_last: 64, ..BreakerPolicy::default() };
    let services = registered(ServicePolicy { breaker, retry: RetryPolicy::times(3), ..without_retries() });
    let mut attempts = 0;
    for _ in 0..40 {
        attempts += failing(&services, call(), unavailable).await.1;
    }
    assert_eq!((attempts, counted(&services).retries), (43, 3), "160 without a budget");
}

#[tokio::test(start_paused = true)]
async fn a_rate_is_kept_to() {
    let calls = NonZeroU32::new(2).unwrap();
    let services =
        registered(ServicePolicy { rate_limit: Some(RateLimit::per_minute(calls)), ..without_retries() });
    let impatient = Call { is_patient: false, ..call() };
    let called = async || services.call(NAME, impatient, async || Ok(())).await;
    assert!(called().await.is_ok() && called().await.is_ok());
    let error = called().await.unwrap_err();
    assert_eq!((error.kind, error.retry_after), (PortErrorKind::RateLimited, Some(30 * SECOND)));
    assert_eq!(ServiceRefusal::of(&error), Some(ServiceRefusal::RateLimit));
    let counts = counted(&services);
    assert_eq!((counts.health, counts.available_in), (ServiceHealth::RateLimited, Some(30 * SECOND)));
    assert_eq!((counts.limited_for, counts.cooling_for), (Some(30 * SECOND), None));
    advance(30 * SECOND).await;
    assert!(called().await.is_ok());
    assert_eq!(counted(&services).openings, 0);
}

#[tokio::test(start_paused = true)]
async fn a_slow_service_holds_no_more_callers_than_it_may() {
    let services = registered(ServicePolicy { concurrency: 1, waiting: 1, ..without_retries() });
    let slow = || {
        let services = Arc::clone(&services);
        let attempt = async || {
            sleep(SECOND).await;
            Ok(())
        };
        tokio::spawn(async move { services.call(NAME, call(), attempt).await })
    };
    let (first, second) = (slow(), slow());
    tokio::task::yield_now().await;
    let counts = counted(&services);
    assert_eq!((counts.in_flight, counts.waiting), (1, 1));
    let (error, attempts) = failing(&services, call(), unavailable).await;
    assert_eq!((error.kind, attempts), (PortErrorKind::RateLimited, 0));
    assert!(error.source.unwrap().is::<BulkheadFull>());
    assert!(first.await.unwrap().is_ok() && second.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_when_its_time_is_over_however_many_attempts_are_left() {
    let policy = ServicePolicy {
        attempt_timeout: 2 * SECOND,
        total_timeout: 5 * SECOND,
        retry: RetryPolicy { first_wait: Duration::ZERO, ..RetryPolicy::times(10) },
        ..ServicePolicy::default()
    };
    let services = registered(policy);
    let started = Instant::now();
    let hang = async || std::future::pending::<Result<(), PortError>>().await;
    assert_eq!(services.call(NAME, call(), hang).await.unwrap_err().kind, PortErrorKind::Timeout);
    assert_eq!((started.elapsed(), counted(&services).calls), (5 * SECOND, 3));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_the_operator_disabled_is_not_called() {
    let services = registered(ServicePolicy::default());
    let disabled = DisabledService { name: NAME.to_owned(), since: Timestamp::UNIX_EPOCH };
    services.disable_only(&[disabled]);
    let (error, attempts) = failing(&services, call(), unavailable).await;
    assert_eq!((ServiceRefusal::of(&error), attempts), (Some(ServiceRefusal::Disabled), 0));
    assert_eq!(counted(&services).health, ServiceHealth::Disabled);
    services.register(NAME, without_retries());
    assert_eq!(counted(&services).health, ServiceHealth::Disabled, "also where it is registered anew");
    services.disable_only(&[]);
    services.call(NAME, call(), async || Ok(())).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_disabled_service_is_not_probed_either() {
    let probes = Arc::new(AtomicU32::new(0));
    let probe: Probe = {
        let probes = Arc::clone(&probes);
        Arc::new(move || {
            probes.fetch_add(1, Ordering::Relaxed);
            Box::pin(std::future::ready(Err(unavailable())))
        })
    };
    let breaker = BreakerPolicy { failures: 1, of_last: 1, open_for: SECOND, longest: SECOND };
    let services = ExternalServiceManager::new();
    services.register_probed(NAME, ServicePolicy { breaker, ..without_retries() }, probe);
    failing(&services, call(), unavailable).await;
    sleep(SECOND * 7 / 2).await;
    assert_eq!(probes.load(Ordering::Relaxed), 3);
    assert_eq!(counted(&services).openings, 1, "it was away all the time");
    let disabled = DisabledService { name: NAME.to_owned(), since: Timestamp::UNIX_EPOCH };
    services.disable_only(&[disabled]);
    sleep(MINUTE).await;
    assert_eq!(probes.load(Ordering::Relaxed), 3);
    services.disable_only(&[]);
    sleep(2 * SECOND).await;
    assert!(probes.load(Ordering::Relaxed) > 3);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_now_and_then_counts_as_degraded() {
    let services = registered(without_retries());
    for number in 0..12 {
        let attempt = async || if number % 3 == 0 { Err(unavailable()) } else { Ok(()) };
        let _ = services.call(NAME, call(), attempt).await;
    }
    let counts = counted(&services);
    assert_eq!(counts.health, ServiceHealth::Degraded);
    assert!((counts.success_rate.unwrap() - 2.0 / 3.0).abs() < 1e-9);
    assert_eq!(counts.latency.count(), 12);
    assert_eq!(counts.last_error.unwrap().message, "rates.get failed: the system behind it is not available");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_waits_for_any_more_says_nothing_of_the_service() {
    let services = registered(ServicePolicy { concurrency: 1, ..without_retries() });
    let hang = async || std::future::pending::<Result<(), PortError>>().await;
    for _ in 0..20 {
        let call = services.call(NAME, call(), hang);
        assert!(tokio::time::timeout(SECOND, call).await.is_err());
    }
    let counts = counted(&services);
    assert_eq!((counts.calls, counts.in_flight, counts.openings), (0, 0, 0));
}
