//! One service, and the chain that each call to it passes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adstead_domain::port::{
    Chain, PortError, PortErrorKind, RateLimiter, ServiceFailure, ServiceHealth, ServiceStatistics,
};
use futures::future::BoxFuture;
use tokio::time::{Instant, sleep};

use super::policy::{Call, ServicePolicy, ServiceRefusal, Streaming};
use crate::histogram::Histogram;
use crate::resilience::{Admission, BreakerState, Bulkhead, CircuitBreaker, Deadline, RetryBudget, Turn};

/// Asks a service for a sign of life, at little cost.
pub type Probe = Arc<dyn Fn() -> BoxFuture<'static, Result<(), PortError>> + Send + Sync>;

/// How long a probe may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest that a service is left alone because it asked for it: one that asks for days is asked again.
const LONGEST_COOLING: Duration = Duration::from_secs(300);

/// The share of calls that a service may fail in without counting as degraded, and the calls that are needed to tell.
const TOLERATED: (f64, u32) = (0.2, 5);

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

#[derive(Clone, Default)]
struct Counts {
    calls: u64,
    failures: u64,
    /// How the last 64 calls ended, the newest in the lowest bit; those that the service failed in are ones.
    outcomes: u64,
    /// Until when the service asked to be left alone.
    cooling: Option<Instant>,
    last_error: Option<(String, Instant)>,
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
        let place = self.bulkhead.enter(operation, deadline).await;
        let _place = place.inspect_err(|_| self.note_refused())?;
        let deadline = deadline.within(self.policy.total_timeout);
        let again = |error: &PortError, wait: Duration| {
            let is_worth_it = match refusal(error) {
                _ if streaming.is_some_and(|streaming| streaming.begun.is_noted()) => false,
                Some(ServiceRefusal::Disabled | ServiceRefusal::Open) => false,
                Some(ServiceRefusal::Cooling | ServiceRefusal::RateLimit) => is_patient,
                None => (is_patient || error.kind != PortErrorKind::RateLimited) && self.budget.allows(),
            };
            if is_worth_it {
                self.retries.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(
                    service = self.name, operation, wait_ms = wait.as_millis(), error = %Chain(error),
                    "a call to an external service failed, trying again"
                );
            }
            is_worth_it
        };
        let attempt = async || self.attempt(operation, deadline, streaming, attempt()).await;
        self.policy.retry.run(deadline, share_of_wait, again, attempt).await
    }

    async fn attempt<T>(
        self: &Arc<Self>,
        operation: &'static str,
        deadline: Deadline,
        streaming: Option<Streaming<'_>>,
        attempt: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        if deadline.remaining().is_zero() {
            return Err(PortError::new(PortErrorKind::Timeout, operation));
        }
        let admission = Some(self.admit(operation).await.inspect_err(|_| self.note_refused())?);
        let started = Instant::now();
        let enough = self.policy.attempt_timeout;
        let due = streaming.map_or(deadline, |streaming| streaming.first.min(deadline)).within(enough);
        let had = due.remaining();
        let outcome = match streaming {
            None => due.bound(operation, attempt).await,
            Some(Streaming { begun, .. }) => begun.bound(operation, due, deadline, attempt).await,
        };
        self.latency.add(started.elapsed());
        let error = outcome.as_ref().err();
        // Who was in a hurry learnt nothing of the service.
        let is_telling = had >= enough / 2 || error.is_none_or(|error| error.kind != PortErrorKind::Timeout);
        self.ended(admission.filter(|_| is_telling), error);
        outcome
    }

    /// Lets an attempt through to the service, unless something stands against it.
    async fn admit(&self, operation: &'static str) -> Result<Admission<'_>, PortError> {
        let refused = |kind, refusal, wait| {
            let error = PortError::new(kind, operation).with_source(refusal);
            PortError { retry_after: wait, ..error }
        };
        if self.is_disabled.load(Ordering::Relaxed) {
            return Err(refused(PortErrorKind::Unavailable, ServiceRefusal::Disabled, None));
        }
        if let Some(wait) = self.cooling() {
            return Err(refused(PortErrorKind::RateLimited, ServiceRefusal::Cooling, Some(wait)));
        }
        let admission = self
            .breaker
            .admit()
            .map_err(|wait| refused(PortErrorKind::Unavailable, ServiceRefusal::Open, Some(wait)))?;
        if let Some(limit) = self.policy.rate_limit
            && let Some(wait) = self.limiter.take(&self.name, limit).await?.retry_after
        {
            return Err(refused(PortErrorKind::RateLimited, ServiceRefusal::RateLimit, Some(wait)));
        }
        Ok(admission)
    }

    /// Notes how an attempt ended; without an admission, it says nothing of the service's health.
    fn ended(self: &Arc<Self>, admission: Option<Admission<'_>>, error: Option<&PortError>) {
        let (is_fault, now) = (error.is_some_and(|error| is_fault(error.kind)), Instant::now());
        let mut counts = self.counts();
        counts.calls += 1;
        if admission.is_some() {
            counts.outcomes = counts.outcomes << 1 | u64::from(is_fault);
        }
        if let Some(error) = error {
            counts.failures += 1;
            // Its cause is for the log alone: it may speak of one account's business.
            counts.last_error = Some((error.to_string(), now));
            if error.kind == PortErrorKind::RateLimited
                && let Some(wait) = error.retry_after
            {
                counts.cooling = counts.cooling.max(Some(now + wait.min(LONGEST_COOLING)));
            }
        }
        drop(counts);
        let Some(admission) = admission else { return };
        self.budget.note(!error.is_some_and(|error| error.kind.is_transient()));
        match admission.settle(!is_fault) {
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
                let is_alive = sign_of_life(&probe).await.err().is_none_or(|error| !is_fault(error.kind));
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
        let Counts { calls, failures, outcomes, cooling: _, last_error } = self.counts().clone();
        let (in_flight, waiting) = self.bulkhead.occupancy();
        let looked_at = u32::try_from(calls).map_or(u64::BITS, |calls| calls.min(u64::BITS));
        let success_rate =
            (looked_at > 0).then(|| 1.0 - f64::from(outcomes.count_ones()) / f64::from(looked_at));
        let (tolerated, needed) = TOLERATED;
        let is_unsteady = looked_at >= needed && success_rate.is_some_and(|rate| rate < 1.0 - tolerated);
        let cooling = self.cooling();
        let (breaker, open_for) = self.breaker.state();
        let health = match breaker {
            _ if self.is_disabled.load(Ordering::Relaxed) => ServiceHealth::Disabled,
            BreakerState::Open => ServiceHealth::Open,
            _ if cooling.is_some() => ServiceHealth::RateLimited,
            BreakerState::HalfOpen => ServiceHealth::Degraded,
            BreakerState::Closed if is_unsteady => ServiceHealth::Degraded,
            BreakerState::Closed => ServiceHealth::Active,
        };
        ServiceStatistics {
            name: self.name.clone(),
            health,
            available_in: cooling.max(open_for),
            calls,
            failures,
            success_rate,
            retries: self.retries.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            openings: self.breaker.openings(),
            in_flight,
            waiting,
            latency: self.latency.snapshot(),
            last_error: last_error.map(|(message, at)| ServiceFailure { message, ago: at.elapsed() }),
        }
    }

    /// How long the service still wants to be left alone.
    fn cooling(&self) -> Option<Duration> {
        let mut counts = self.counts();
        let left = counts.cooling?.saturating_duration_since(Instant::now());
        if left.is_zero() {
            counts.cooling = None;
            return None;
        }
        Some(left)
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

/// Why this error's call was not made, where that is so.
fn refusal(error: &PortError) -> Option<ServiceRefusal> {
    error.source.as_ref()?.downcast_ref().copied()
}

/// Whether a service that fails so is the one at fault: one that refuses what it was asked does its part.
fn is_fault(kind: PortErrorKind) -> bool {
    match kind {
        PortErrorKind::Unavailable
        | PortErrorKind::Full
        | PortErrorKind::Timeout
        | PortErrorKind::Corrupt
        | PortErrorKind::Unexpected => true,
        PortErrorKind::Conflict
        | PortErrorKind::Stale
        | PortErrorKind::Rejected
        | PortErrorKind::RateLimited => false,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the spread of retries is no secret, and their bound is tested apart"
)]
fn share_of_wait() -> f64 {
    rand::random()
}
