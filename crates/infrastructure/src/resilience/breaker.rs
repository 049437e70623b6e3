use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adstead_domain::port::BreakerState;
use tokio::time::Instant;

/// When a system that fails is no longer asked, and when it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// So many failures among the last calls open it, 1 to [`of_last`](Self::of_last).
    pub failures: u32,
    /// How many calls are looked back on, up to 64.
    pub of_last: u32,
    /// How long it is open before the system is tried again. The time doubles with each trial that fails.
    pub open_for: Duration,
    /// The time that no doubling exceeds.
    pub longest: Duration,
}

impl BreakerPolicy {
    /// The most calls that can be looked back on.
    pub const LONGEST_MEMORY: u32 = 64;

    /// For calls to many systems under one name, of which one that fails says nothing of the others: never opens.
    pub const NEVER: Self = Self {
        failures: u32::MAX,
        of_last: Self::LONGEST_MEMORY,
        open_for: Duration::ZERO,
        longest: Duration::ZERO,
    };
}

impl Default for BreakerPolicy {
    /// Opens after 5 failures among the last 10 calls, for 10 s at first and for 5 min at most.
    fn default() -> Self {
        Self {
            failures: 5,
            of_last: 10,
            open_for: Duration::from_secs(10),
            longest: Duration::from_secs(300),
        }
    }
}

/// Keeps callers from waiting for a system that is known to fail (Nygard, *Release It!*, 2007, chapter 5).
///
/// Closed, it lets all calls through and looks at how they end. Open, it lets none through. Half open, it lets one through as a
/// trial: where that succeeds it closes, and opens for longer where not.
///
/// It comes to be half open once its time is over; or, where somebody [probes](Self::probed) the system, when a probe
/// succeeds, so that no caller waits for a system that is still gone.
#[derive(Debug)]
pub struct CircuitBreaker {
    policy: BreakerPolicy,
    is_probed: bool,
    /// Whether the circuit is closed and no call among the last failed, so that nothing has to be noted of one that succeeds.
    is_spotless: AtomicBool,
    openings: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    circuit: Circuit,
    /// How the last calls ended, the newest in the lowest bit; those that failed are ones.
    outcomes: u64,
    /// Openings since it was last closed.
    relapses: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Circuit {
    Closed,
    Open { until: Instant },
    HalfOpen { is_tried: bool },
}

/// The right to make one call, whose end is to be told. Dropped without a word, it says nothing of the system.
#[must_use = "how the call ended is to be told"]
#[derive(Debug)]
pub struct Admission<'a> {
    breaker: &'a CircuitBreaker,
    is_trial: bool,
    /// How often it had opened by then.
    openings: u64,
}

/// What the end of a call did to the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It stands as before.
    None,
    /// It opened, until so much time has passed.
    Opened(Duration),
    /// It closed.
    Closed,
}

impl CircuitBreaker {
    /// One that is closed, and tries the system by the call of a caller.
    pub fn new(policy: BreakerPolicy) -> Self {
        Self::made(policy, false)
    }

    /// One that is closed, and waits for [`probe_ended`](Self::probe_ended) before any caller is let through again.
    pub fn probed(policy: BreakerPolicy) -> Self {
        Self::made(policy, true)
    }

    fn made(policy: BreakerPolicy, is_probed: bool) -> Self {
        let state = State { circuit: Circuit::Closed, outcomes: 0, relapses: 0 };
        Self {
            policy,
            is_probed,
            is_spotless: AtomicBool::new(true),
            openings: AtomicU64::new(0),
            state: Mutex::new(state),
        }
    }

    /// Lets a call through, or tells how long to wait before the next is let through, where that is known.
    pub fn admit(&self) -> Result<Admission<'_>, Option<Duration>> {
        if self.is_spotless.load(Ordering::Acquire) {
            return Ok(self.admission(false));
        }
        let mut state = self.lock();
        self.look(state.circuit)?;
        if state.circuit == Circuit::Closed {
            return Ok(self.admission(false));
        }
        state.circuit = Circuit::HalfOpen { is_tried: true };
        Ok(self.admission(true))
    }

    /// Whether [`admit`](Self::admit) would let a call through, without being one.
    pub fn lets_through(&self) -> Result<(), Option<Duration>> {
        if self.is_spotless.load(Ordering::Acquire) { Ok(()) } else { self.look(self.lock().circuit) }
    }

    fn look(&self, circuit: Circuit) -> Result<(), Option<Duration>> {
        match circuit {
            Circuit::Closed | Circuit::HalfOpen { is_tried: false } => Ok(()),
            Circuit::HalfOpen { is_tried: true } => Err(None),
            Circuit::Open { until } => match time_until(until) {
                None if !self.is_probed => Ok(()),
                left => Err(left),
            },
        }
    }

    fn admission(&self, is_trial: bool) -> Admission<'_> {
        Admission { breaker: self, is_trial, openings: self.openings() }
    }

    /// Notes how a probe of the system ended. Answers how long to wait before the next, where one is needed.
    pub fn probe_ended(&self, is_success: bool) -> Option<Duration> {
        let mut state = self.lock();
        match (state.circuit, is_success) {
            (Circuit::Closed | Circuit::HalfOpen { .. }, _) => None,
            (Circuit::Open { .. }, true) => {
                state.circuit = Circuit::HalfOpen { is_tried: false };
                None
            }
            (Circuit::Open { .. }, false) => Some(self.leave_open(&mut state)),
        }
    }

    /// How it stands, and for how long it is still open, where it is and that is known.
    pub fn state(&self) -> (BreakerState, Option<Duration>) {
        match self.lock().circuit {
            Circuit::Closed => (BreakerState::Closed, None),
            Circuit::Open { until } => (BreakerState::Open, time_until(until)),
            Circuit::HalfOpen { .. } => (BreakerState::HalfOpen, None),
        }
    }

    /// How often it opened.
    pub fn openings(&self) -> u64 {
        self.openings.load(Ordering::Relaxed)
    }

    fn settle(&self, is_trial: bool, openings: u64, is_success: bool) -> Turn {
        if is_success && self.is_spotless.load(Ordering::Acquire) {
            return Turn::None;
        }
        let mut state = self.lock();
        match state.circuit {
            // Of calls that were let through before it opened, nothing new is learned; nor once it has closed again.
            Circuit::Open { .. } | Circuit::HalfOpen { .. } if !is_trial => Turn::None,
            Circuit::Open { .. } | Circuit::HalfOpen { .. } if is_success => {
                state.circuit = Circuit::Closed;
                (state.outcomes, state.relapses) = (0, 0);
                self.is_spotless.store(true, Ordering::Release);
                Turn::Closed
            }
            Circuit::Open { .. } | Circuit::HalfOpen { .. } => Turn::Opened(self.open(&mut state)),
            Circuit::Closed if openings < self.openings() => Turn::None,
            Circuit::Closed => {
                let memory = u64::MAX >> (u64::BITS - self.policy.of_last.clamp(1, u64::BITS));
                state.outcomes = (state.outcomes << 1 | u64::from(!is_success)) & memory;
                if state.outcomes.count_ones() >= self.policy.failures {
                    return Turn::Opened(self.open(&mut state));
                }
                self.is_spotless.store(state.outcomes == 0, Ordering::Release);
                Turn::None
            }
        }
    }

    fn open(&self, state: &mut State) -> Duration {
        self.openings.fetch_add(1, Ordering::Relaxed);
        self.leave_open(state)
    }

    fn leave_open(&self, state: &mut State) -> Duration {
        let BreakerPolicy { open_for, longest, .. } = self.policy;
        let time = open_for.saturating_mul(2_u32.saturating_pow(state.relapses)).min(longest);
        state.circuit = Circuit::Open { until: Instant::now() + time };
        state.relapses += 1;
        self.is_spotless.store(false, Ordering::Release);
        time
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much of the time until then is left, if any is.
fn time_until(moment: Instant) -> Option<Duration> {
    Some(moment.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
}

impl Admission<'_> {
    /// Notes whether the system did its part.
    pub fn settle(mut self, is_success: bool) -> Turn {
        let is_trial = std::mem::take(&mut self.is_trial);
        self.breaker.settle(is_trial, self.openings, is_success)
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        if self.is_trial {
            // A trial that nobody saw the end of: the next call is another.
            self.breaker.lock().circuit = Circuit::HalfOpen { is_tried: false };
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const POLICY: BreakerPolicy =
        BreakerPolicy { failures: 3, of_last: 5, open_for: SECOND, longest: Duration::from_secs(3) };

    fn call(breaker: &CircuitBreaker, is_success: bool) -> Turn {
        breaker.admit().expect("it lets calls through").settle(is_success)
    }

    fn opened() -> CircuitBreaker {
        let breaker = CircuitBreaker::new(POLICY);
        for _ in 0..2 {
            assert_eq!(call(&breaker, false), Turn::None);
        }
        assert_eq!(call(&breaker, false), Turn::Opened(SECOND));
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn calls_from_before_it_opened_do_not_open_it_again_once_it_has_closed() {
        let breaker = CircuitBreaker::new(POLICY);
        let slow: Vec<_> = (0..3).map(|_| breaker.admit().expect("it lets calls through")).collect();
        for _ in 0..3 {
            let _ = call(&breaker, false);
        }
        advance(SECOND).await;
        assert_eq!(call(&breaker, true), Turn::Closed);
        for admission in slow {
            assert_eq!(admission.settle(false), Turn::None);
        }
        assert_eq!(breaker.state().0, BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_where_enough_of_the_last_calls_failed() {
        let breaker = CircuitBreaker::new(POLICY);
        for is_success in [false, false, true, true, true, false, false, true] {
            assert_eq!(call(&breaker, is_success), Turn::None, "never three of five");
        }
        assert_eq!(call(&breaker, false), Turn::Opened(SECOND));
        assert_eq!(breaker.admit().unwrap_err(), Some(SECOND));
        assert_eq!((breaker.state(), breaker.openings()), ((BreakerState::Open, Some(SECOND)), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_is_a_trial_and_closes_it_or_opens_it_for_longer() {
        let breaker = opened();
        for waited in [1, 2, 3, 3] {
            advance(waited * SECOND - Duration::from_millis(1)).await;
            assert!(breaker.admit().is_err());
            advance(Duration::from_millis(1)).await;
            let trial = breaker.admit().unwrap();
            assert_eq!(
                breaker.admit().unwrap_err(),
                None,
                "one trial at a time, and nobody knows how long it takes"
            );
            assert!(matches!(trial.settle(false), Turn::Opened(_)));
        }
        advance(3 * SECOND).await;
        assert_eq!(call(&breaker, true), Turn::Closed);
        assert_eq!(call(&breaker, false), Turn::None, "what was before is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_is_given_up_leaves_the_next_call_to_be_one() {
        let breaker = opened();
        advance(SECOND).await;
        drop(breaker.admit().unwrap());
        assert_eq!(call(&breaker, true), Turn::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_began_before_it_opened_say_nothing() {
        let breaker = CircuitBreaker::new(POLICY);
        let (late_success, late_failure) = (breaker.admit().unwrap(), breaker.admit().unwrap());
        for _ in 0..3 {
            let _ = call(&breaker, false);
        }
        assert_eq!(late_success.settle(true), Turn::None);
        assert_eq!(breaker.state().0, BreakerState::Open);
        advance(SECOND).await;
        let trial = breaker.admit().unwrap();
        assert_eq!(late_failure.settle(false), Turn::None);
        assert_eq!(trial.settle(true), Turn::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn where_the_system_is_probed_no_caller_tries_it_before_a_probe_succeeded() {
        let breaker = CircuitBreaker::probed(POLICY);
        for _ in 0..3 {
            let _ = call(&breaker, false);
        }
        advance(60 * SECOND).await;
        assert_eq!(breaker.admit().unwrap_err(), None, "nobody knows when a probe succeeds");
        assert_eq!(breaker.state(), (BreakerState::Open, None));
        assert_eq!(breaker.probe_ended(false), Some(2 * SECOND));
        assert_eq!(breaker.openings(), 1, "it was open all the time");
        assert_eq!(breaker.probe_ended(true), None);
        assert_eq!(call(&breaker, false), Turn::Opened(3 * SECOND), "a probe that succeeds promises nothing");
        assert_eq!(breaker.probe_ended(true), None);
        assert_eq!(call(&breaker, true), Turn::Closed);
    }
}
