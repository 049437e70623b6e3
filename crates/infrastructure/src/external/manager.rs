use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use adstead_domain::port::{Chain, PortError, PortErrorKind, ServiceStatistics};

use crate::resilience::{Deadline, RetryPolicy};

/// What calls to a service are held to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePolicy {
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
    /// Whether and when a failed attempt is made again.
    pub retry: RetryPolicy,
}

/// The register of external services, which all calls to them pass through.
///
/// ```
/// use std::time::Duration;
///
/// use adstead_infrastructure::external::{ExternalServiceManager, ServicePolicy};
/// use adstead_infrastructure::resilience::{Deadline, RetryPolicy};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// let services = ExternalServiceManager::new();
/// let policy = ServicePolicy { attempt_timeout: Duration::from_secs(2), retry: RetryPolicy::times(2) };
/// services.register("exchange-rates", policy);
///
/// let deadline = Deadline::after(Duration::from_secs(10));
/// let rate = services.call("exchange-rates", "rates.get", deadline, async || Ok(1.08)).await.unwrap();
/// assert_eq!(rate, 1.08);
/// assert_eq!(services.statistics()[0].calls, 1);
/// # });
/// ```
pub struct ExternalServiceManager {
    services: RwLock<BTreeMap<String, Arc<Service>>>,
}

struct Service {
    policy: ServicePolicy,
    counts: Mutex<Counts>,
}

#[derive(Debug, Clone, Default)]
struct Counts {
    calls: u64,
    failures: u64,
    retries: u64,
    time: Duration,
    last_error: Option<String>,
}

impl ExternalServiceManager {
    /// A register without any service.
    pub fn new() -> Self {
        Self { services: RwLock::default() }
    }

    /// Takes a service in, or gives a known one another policy and starts its counts anew.
    pub fn register(&self, name: &str, policy: ServicePolicy) {
        let service = Arc::new(Service { policy, counts: Mutex::default() });
        self.services.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), service);
    }

    /// Calls a service: `attempt` is made, and made again, as the service's policy says, and given up at `deadline`.
    ///
    /// # Errors
    /// What the last attempt failed with; [`PortErrorKind::Timeout`] where that took too long;
    /// [`PortErrorKind::Unexpected`] for a service that is not registered.
    pub async fn call<T, Attempt>(
        &self,
        service: &str,
        operation: &'static str,
        deadline: Deadline,
        attempt: impl Fn() -> Attempt,
    ) -> Result<T, PortError>
    where
        Attempt: Future<Output = Result<T, PortError>>,
    {
        let found = self.services.read().unwrap_or_else(PoisonError::into_inner).get(service).cloned();
        let known = found.ok_or_else(|| {
            PortError::new(PortErrorKind::Unexpected, operation)
                .with_source(format!("the service {service:?} is not registered"))
        })?;
        let ServicePolicy { attempt_timeout, retry } = &known.policy;
        let timed = async || {
            let started = Instant::now();
            let outcome = deadline.within(*attempt_timeout).bound(operation, attempt()).await;
            known.count(outcome.as_ref().err(), started.elapsed());
            outcome
        };
        let before_retry = |error: &PortError, wait: Duration| {
            known.counts().retries += 1;
            let (error, wait_ms) = (Chain(error), wait.as_millis());
            tracing::warn!(
                service,
                operation,
                wait_ms,
                %error,
                "a call to an external service failed, trying again"
            );
        };
        retry.run(deadline, share_of_wait, before_retry, timed).await
    }

    /// What was counted since the start, by the service's name.
    pub fn statistics(&self) -> Vec<ServiceStatistics> {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        services.iter().map(|(name, service)| service.statistics(name)).collect()
    }
}

impl Service {
    fn count(&self, failure: Option<&PortError>, took: Duration) {
        let mut counts = self.counts();
        counts.calls += 1;
        counts.time += took;
        if let Some(error) = failure {
            counts.failures += 1;
            // Its cause is for the log alone: it may speak of one account's business.
            counts.last_error = Some(error.to_string());
        }
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn statistics(&self, name: &str) -> ServiceStatistics {
        let Counts { calls, failures, retries, time, last_error } = self.counts().clone();
        let mean_latency_ms = if calls == 0 { 0.0 } else { time.as_secs_f64() * 1000.0 / calls as f64 };
        ServiceStatistics { name: name.to_owned(), calls, failures, retries, mean_latency_ms, last_error }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the spread of retries is no secret, and their bound is tested apart"
)]
fn share_of_wait() -> f64 {
    rand::random()
}

impl Default for ExternalServiceManager {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ExternalServiceManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalServiceManager").field("statistics", &self.statistics()).finish()
    }
}
