use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use adstead_domain::port::{DisabledService, PortError, PortErrorKind, RateLimiter, ServiceStatistics};

use super::policy::{Call, ServicePolicy, Streaming};
use super::service::{Probe, Service};
use crate::resilience::LocalRateLimiter;

/// The register of external services, which all calls to them pass through.
///
/// Each call passes, in this order: a place among those that may be under way; the time for all of it; retries, as far as the
/// service is not sick; the operator's word; the circuit breaker; the limit of the rate; the time for one attempt.
///
/// ```
/// use std::time::Duration;
///
/// use adstead_infrastructure::external::{Call, ExternalServiceManager, ServicePolicy};
/// use adstead_infrastructure::resilience::{Deadline, RetryPolicy};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// let services = ExternalServiceManager::new();
/// let policy = ServicePolicy { attempt_timeout: Duration::from_secs(2), ..ServicePolicy::default() };
/// services.register("exchange-rates", policy);
///
/// let call = Call::new("rates.get", Deadline::after(Duration::from_secs(10)));
/// let rate = services.call("exchange-rates", call, async || Ok(1.08)).await.unwrap();
/// assert_eq!(rate, 1.08);
/// assert_eq!(services.statistics()[0].calls, 1);
/// # });
/// ```
pub struct ExternalServiceManager {
    register: RwLock<Register>,
    limiter: Arc<dyn RateLimiter>,
}

#[derive(Default)]
struct Register {
    services: BTreeMap<String, Arc<Service>>,
    /// The names of those that nobody may call, registered or not.
    disabled: BTreeSet<String>,
}

impl ExternalServiceManager {
    /// A register without any service, whose limits of rates are those of this process.
    pub fn new() -> Self {
        Self::with_limiter(Arc::new(LocalRateLimiter::new()))
    }

    /// A register without any service, whose limits of rates are those of everybody who shares the limiter.
    pub fn with_limiter(limiter: Arc<dyn RateLimiter>) -> Self {
        Self { register: RwLock::default(), limiter }
    }

    /// Takes a service in, or gives a known one another policy and starts its counts anew.
    ///
    /// Once it failed too often, it is tried again by the call of a caller, who may wait for it in vain.
    pub fn register(&self, name: &str, policy: ServicePolicy) {
        self.insert(name, policy, None);
    }

    /// Takes a service in that can be asked for a sign of life: once it failed too often, no caller waits for it before it gave
    /// one.
    pub fn register_probed(&self, name: &str, policy: ServicePolicy, probe: Probe) {
        self.insert(name, policy, Some(probe));
    }

    /// Calls a service: `attempt` is made, and made again, as the service's policy says, and given up at the call's deadline.
    ///
    /// # Errors
    /// What the last attempt failed with; [`PortErrorKind::Timeout`] where that took too long;
    /// [`PortErrorKind::Unavailable`] or [`PortErrorKind::RateLimited`] with a
    /// [`ServiceRefusal`](adstead_domain::port::ServiceRefusal) or a [`BulkheadFull`](crate::resilience::BulkheadFull) as its source where
    /// none was made; [`PortErrorKind::Unexpected`] for a service that is not registered.
    pub async fn call<T, Attempt>(
        &self,
        service: &str,
        call: Call,
        attempt: impl Fn() -> Attempt,
    ) -> Result<T, PortError>
    where
        Attempt: Future<Output = Result<T, PortError>>,
    {
        self.known(service, call)?.call(call, None, attempt).await
    }

    /// As [`call`](Self::call), of a service whose answer comes in pieces: `attempt` notes in `begun` that the first has come.
    /// The time for one attempt is then the time until it does, and an answer that has begun is not asked for again.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_streaming<T, Attempt>(
        &self,
        service: &str,
        call: Call,
        streaming: Streaming<'_>,
        attempt: impl Fn() -> Attempt,
    ) -> Result<T, PortError>
    where
        Attempt: Future<Output = Result<T, PortError>>,
    {
        self.known(service, call)?.call(call, Some(streaming), attempt).await
    }

    /// Asks a service for a sign of life, past all that holds calls back; nothing where it is not registered, or there is no
    /// cheap way to ask it.
    pub async fn check(&self, service: &str) -> Option<Result<(), PortError>> {
        self.find(service)?.check().await
    }

    /// Lets no call to these services through from now on, also where they are registered later, and calls to all others.
    pub fn disable_only(&self, disabled: &[DisabledService]) {
        let mut register = self.register.write().unwrap_or_else(PoisonError::into_inner);
        register.disabled = disabled.iter().map(|disabled| disabled.name.clone()).collect();
        for (name, service) in &register.services {
            service.turn(register.disabled.contains(name));
        }
    }

    /// What was counted since the start, by the service's name.
    pub fn statistics(&self) -> Vec<ServiceStatistics> {
        self.known_now().services.values().map(|service| service.statistics()).collect()
    }

    fn insert(&self, name: &str, policy: ServicePolicy, probe: Option<Probe>) {
        let service = Service::new(name, policy, probe, Arc::clone(&self.limiter));
        let mut register = self.register.write().unwrap_or_else(PoisonError::into_inner);
        service.turn(register.disabled.contains(name));
        register.services.insert(name.to_owned(), Arc::new(service));
    }

    fn known(&self, name: &str, call: Call) -> Result<Arc<Service>, PortError> {
        self.find(name).ok_or_else(|| {
            PortError::new(PortErrorKind::Unexpected, call.operation)
                .with_source(format!("the service {name:?} is not registered"))
        })
    }

    fn find(&self, name: &str) -> Option<Arc<Service>> {
        self.known_now().services.get(name).cloned()
    }

    fn known_now(&self) -> RwLockReadGuard<'_, Register> {
        self.register.read().unwrap_or_else(PoisonError::into_inner)
    }
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
