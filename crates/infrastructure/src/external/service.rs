//! One service, and the chain that each call to it passes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adstead_domain::port::{
    BreakerState, Chain, PortError, PortErrorKind, RateLimiter, ServiceHealth, ServiceRefusal,
    ServiceStatistics,
};
use futures::future::BoxFuture;
use tokio::time::{Instant, sleep};

use super::counts::{Counts, is_outage};
use super::policy::{Call, ServicePolicy, Streaming};
use crate::histogram::Histogram;
use crate::resilience::{Admission, Bulkhead, CircuitBreaker, Deadline, RetryBudget, Turn};

/// Asks a service for a sign of life, at little cost.
pub type Probe = Arc<dyn Fn() -> BoxFuture<'static, Result<(), PortError>> + Send + Sync>;

/// How long a probe may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// The patience from which on a caller who got no answer says something of the service: half of its time for an attempt, and never more
/// than this.
const PATIENCE: Duration = Duration::from_secs(10);

/// By how much the waits differ of those who wait for the same moment.
const SPREAD: Duration = Duration::from_secs(1);

pub(super) struct Service {
    name: String,
    policy: ServicePolicy,
    probe: Option<Probe>,
    is_disabled: AtomicBool,
    bulkhead: Bulkhead,
    budget: RetryBudget,
    breaker: CircuitBreaker,
    limiter: Arc<dyn RateLimiter>,
    counts: Mutex<Counts>,
    retries: AtomicU64,
    refused: AtomicU64,
    latency: Histogram,
}

impl Service {
    pub(super) fn new(
        name: &str,
        policy: ServicePolicy,
        probe: Option<Probe>,
        limiter: Arc<dyn RateLimiter>,
    ) -> Self {
        let breaker = match probe {
            Some(_) => CircuitBreaker::probed(policy.breaker),
            None => CircuitBreaker::new(policy.breaker),
        };
        Self {
            name: name.to_owned(),
            probe,
            is_disabled: AtomicBool::new(false),
            bulkhead: Bulkhead::new(policy.concurrency, policy.waiting),
            budget: RetryBudget::new(),
            breaker,
            limiter,
            counts: Mutex::default(),
            retries: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            latency: Histogram::default(),
            policy,
        }
    }

    pub(super) async fn call<T, Attempt>(
        self: &Arc<Self>,
        call: Call,
        streaming: Option<Streaming<'_>>,
        attempt: impl Fn() -> Attempt,
    ) -> Result<T, PortError>
    where
        Attempt: Future<Output = Result<T, PortError>>,
    {
        let Call { operation, deadline, is_patient } = call;
        // Nothing is asked for once the answer should have begun; a caller who has heard a part of it has all the time.
        let unheard = streaming.filter(|streaming| !streaming.begun.is_noted());
        let asking = unheard.map_or(deadline, |streaming| streaming.first.min(deadline));
        self.is_open_to(operation, is_patient).inspect_err(|_| self.note_refused())?;
        let place = self.bulkhead.enter(operation, asking).await;
        let _place = place.inspect_err(|_| self.note_refused())?;
        let time = Deadline::after(self.policy.total_timeout);
        let asking = Call { operation, deadline: asking.min(time), is_patient };
        let deadline = deadline.min(time);
        let again = |error: &PortError, wait: Duration| {
            let is_worth_it = ServiceRefusal::of(error).is_none()
                && !streaming.is_some_and(|streaming| streaming.begun.is_noted())
                && (is_patient || error.kind != PortErrorKind::RateLimited)
                && self.budget.allows();
            if is_worth_it {
                self.retries.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(
                    service = self.name, operation, wait_ms = wait.as_millis(), error = %Chain(error),
                    "a call to an external service failed, trying again"
                );
            }
            is_worth_it
        };
        let attempt = async || self.attempt(asking, deadline, streaming, attempt()).await;
        self.policy.retry.run(asking.deadline, share_of_wait, again, attempt).await
    }

    async fn attempt<T>(
        self: &Arc<Self>,
        asking: Call,
        deadline: Deadline,
        streaming: Option<Streaming<'_>>,
        attempt: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        let Call { operation, deadline: asked_until, is_patient: _ } = asking;
        if asked_until.remaining().is_zero() {
            return Err(PortError::new(PortErrorKind::Timeout, operation));
        }
        let admission = self.admit(asking).await.inspect_err(|_| self.note_refused())?;
        let started = Instant::now();
        let enough = self.policy.attempt_timeout;
        let due = asked_until.within(enough);
        let had = due.remaining();
        let outcome = match streaming {
            None => due.bound(operation, attempt).await,
            Some(Streaming { begun, .. }) => begun.bound(operation, due, deadline, attempt).await,
        };
        self.latency.add(started.elapsed());
        // Who was in a hurry learnt nothing of the service.
        let was_cut = outcome.as_ref().is_err_and(|error| error.kind == PortErrorKind::Timeout)
            && due.remaining().is_zero();
        let is_telling = !was_cut || had >= PATIENCE.min(enough / 2);
        self.ended(Some(admission).filter(|_| is_telling), outcome.as_ref().err());
        outcome
    }

    /// Lets an attempt through to the service, which the patient wait for as long as there is time.
    async fn admit(&self, call: Call) -> Result<Admission<'_>, PortError> {
        let Call { operation, deadline, is_patient } = call;
        loop {
            let refused = match self.admit_now(operation).await {
                Ok(admission) => return Ok(admission),
                Err(refused) => refused,
            };
            let is_worth_it = is_patient
                && matches!(
                    ServiceRefusal::of(&refused),
                    Some(ServiceRefusal::Cooling | ServiceRefusal::RateLimit)
                );
            let wait = refused.retry_after.filter(|_| is_worth_it);
            let to_spare = wait.and_then(|wait| deadline.remaining().checked_sub(wait)).unwrap_or_default();
            match wait {
                // Those who wait for the same moment do not all come at it.
                Some(wait) if !to_spare.is_zero() => {
                    sleep(wait + SPREAD.min(wait).min(to_spare / 2).mul_f64(share_of_wait())).await;
                }
                _ => return Err(refused),
            }
        }
    }

    /// Lets an attempt through to the service, unless something stands against it.
    async fn admit_now(&self, operation: &'static str) -> Result<Admission<'_>, PortError> {
        self.is_open_to(operation, false)?;
        let admission =
            self.breaker.admit().map_err(|wait| refused(operation, ServiceRefusal::Open, wait))?;
        if let Some(limit) = self.policy.rate_limit
            && let Some(wait) = self.limiter.take(&self.name, limit).await?.retry_after
        {
            self.counts().note_limited(wait);
            return Err(refused(operation, ServiceRefusal::RateLimit, Some(wait)));
        }
        Ok(admission)
    }

    /// Whether it makes sense to wait for a place: not for a service that is not called anyhow. The patient wait for a limit.
    fn is_open_to(&self, operation: &'static str, is_patient: bool) -> Result<(), PortError> {
        if self.is_disabled() {
            return Err(refused(operation, ServiceRefusal::Disabled, None));
        }
        self.breaker.lets_through().map_err(|wait| refused(operation, ServiceRefusal::Open, wait))?;
        if is_patient {
            return Ok(());
        }
        let (cooling_for, limited_for) = {
            let counts = self.counts();
            (counts.cooling_for(), counts.limited_for())
        };
        let refusal = cooling_for.map(|wait| (ServiceRefusal::Cooling, wait));
        match refusal.or(limited_for.map(|wait| (ServiceRefusal::RateLimit, wait))) {
            Some((refusal, wait)) => Err(refused(operation, refusal, Some(wait))),
            None => Ok(()),
        }
    }

    /// Notes how an attempt ended; without an admission, it says nothing of the service's health.
    fn ended(self: &Arc<Self>, admission: Option<Admission<'_>>, error: Option<&PortError>) {
        self.counts().note(error, admission.is_some());
        let Some(admission) = admission else { return };
        self.budget.note(!error.is_some_and(|error| error.kind.is_transient()));
        match admission.settle(!error.is_some_and(|error| is_outage(error.kind))) {
            Turn::None => {}
            Turn::Opened(time) => {
                tracing::warn!(
                    service = self.name,
                    open_ms = time.as_millis(),
                    error = error.map(|error| tracing::field::display(Chain(error))),
                    "an external service failed too often and is not called for now"
                );
                self.watch(time);
            }
            Turn::Closed => tracing::info!(service = self.name, "an external service answers again"),
        }
    }

    /// Probes a service that is not called, until it gives a sign of life.
    fn watch(self: &Arc<Self>, first: Duration) {
        let Some(probe) = self.probe.clone() else { return };
        let watched = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut wait = Some(first);
            while let Some(time) = wait {
                sleep(time).await;
                let is_disabled = watched.upgrade().map(|service| service.is_disabled());
                match is_disabled {
                    None => return,
                    // Whom nobody may call, nobody asks.
                    Some(true) => continue,
                    Some(false) => {}
                }
                let is_alive = sign_of_life(&probe).await.err().is_none_or(|error| !is_outage(error.kind));
                let Some(service) = watched.upgrade() else { return };
                wait = service.breaker.probe_ended(is_alive);
            }
        });
    }

    /// Asks the service for a sign of life, where there is a cheap way to.
    pub(super) async fn check(&self) -> Option<Result<(), PortError>> {
        Some(sign_of_life(self.probe.as_ref()?).await)
    }

    pub(super) fn turn(&self, is_disabled: bool) {
        if self.is_disabled.swap(is_disabled, Ordering::Relaxed) != is_disabled {
            let turned = if is_disabled { "disabled" } else { "enabled" };
            tracing::info!(service = self.name, "an external service was {turned} by the operator");
        }
    }

    pub(super) fn statistics(&self) -> ServiceStatistics {
        let counts = self.counts().clone();
        let (in_flight, waiting) = self.bulkhead.occupancy();
        let (cooling_for, limited_for) = (counts.cooling_for(), counts.limited_for());
        let (breaker, open_for) = self.breaker.state();
        let health = match breaker {
            _ if self.is_disabled() => ServiceHealth::Disabled,
            BreakerState::Open => ServiceHealth::Open,
            _ if cooling_for.max(limited_for).is_some() => ServiceHealth::RateLimited,
            BreakerState::HalfOpen => ServiceHealth::Degraded,
            BreakerState::Closed if counts.is_unsteady() => ServiceHealth::Degraded,
            BreakerState::Closed => ServiceHealth::Active,
        };
        ServiceStatistics {
            name: self.name.clone(),
            health,
            available_in: cooling_for.max(limited_for).max(open_for),
            breaker,
            cooling_for,
            limited_for,
            calls: counts.calls,
            failures: counts.failures,
            success_rate: counts.success_rate(),
            retries: self.retries.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            openings: self.breaker.openings(),
            in_flight,
            waiting,
            latency: self.latency.snapshot(),
            last_error: counts.last_error(),
        }
    }

    fn is_disabled(&self) -> bool {
        self.is_disabled.load(Ordering::Relaxed)
    }

    fn note_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn sign_of_life(probe: &Probe) -> Result<(), PortError> {
    Deadline::after(PROBE_TIMEOUT).bound("service.probe", probe()).await
}

/// The error of a call that is not made.
fn refused(operation: &'static str, refusal: ServiceRefusal, wait: Option<Duration>) -> PortError {
    let kind = match refusal {
        ServiceRefusal::Disabled | ServiceRefusal::Open => PortErrorKind::Unavailable,
        ServiceRefusal::Cooling | ServiceRefusal::RateLimit => PortErrorKind::RateLimited,
    };
    PortError { retry_after: wait, ..PortError::new(kind, operation) }.with_source(refusal)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the spread of waits is no secret, and their bound is tested apart"
)]
fn share_of_wait() -> f64 {
    rand::random()
}
