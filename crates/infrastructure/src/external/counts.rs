use std::time::Duration;

use adstead_domain::port::{PortError, PortErrorKind, ServiceFailure};
use tokio::time::Instant;

/// The longest that a service is left alone because it asked for it: one that asks for days is asked again.
const LONGEST_COOLING: Duration = Duration::from_secs(300);

/// The share of calls that a service may fail in without counting as degraded, and the calls that are needed to tell.
const TOLERATED: (f64, u32) = (0.2, 5);

/// What is remembered of a service's calls.
#[derive(Clone, Default)]
pub(super) struct Counts {
    pub(super) calls: u64,
    pub(super) failures: u64,
    last: LastCalls,
    /// Until when the service asked to be left alone.
    cooling: Option<Instant>,
    /// Until when its rate limit lets no call through.
    limited: Option<Instant>,
    last_error: Option<(String, Instant)>,
}

/// How the last calls ended that something was learnt of, 64 at most.
#[derive(Clone, Copy, Default)]
struct LastCalls {
    /// The newest in the lowest bit; those that the service failed in are ones.
    outcomes: u64,
    number: u32,
}

impl Counts {
    /// Notes how an attempt ended, and whether that says something of the service.
    pub(super) fn note(&mut self, error: Option<&PortError>, is_telling: bool) {
        let now = Instant::now();
        self.calls += 1;
        if is_telling {
            self.last.note(error.is_some_and(|error| is_failure(error.kind)));
        }
        let Some(error) = error else { return };
        self.failures += 1;
        // Its cause is for the log alone: it may speak of one account's business.
        self.last_error = Some((error.to_string(), now));
        if error.kind == PortErrorKind::RateLimited
            && let Some(wait) = error.retry_after
        {
            self.cooling = self.cooling.max(Some(now + wait.min(LONGEST_COOLING)));
        }
    }

    /// Notes that the rate limit lets no call through for so long.
    pub(super) fn note_limited(&mut self, wait: Duration) {
        self.limited = Some(Instant::now() + wait);
    }

    /// How long the service still wants to be left alone.
    pub(super) fn cooling_for(&self) -> Option<Duration> {
        left(self.cooling)
    }

    /// How long its rate limit still lets no call through, as far as that was noted.
    pub(super) fn limited_for(&self) -> Option<Duration> {
        left(self.limited)
    }

    /// The share of the last calls in which the service did its part.
    pub(super) fn success_rate(&self) -> Option<f64> {
        let LastCalls { outcomes, number } = self.last;
        (number > 0).then(|| 1.0 - f64::from(outcomes.count_ones()) / f64::from(number))
    }

    /// Whether it fails more often than it should.
    pub(super) fn is_unsteady(&self) -> bool {
        let (tolerated, needed) = TOLERATED;
        self.last.number >= needed && self.success_rate().is_some_and(|rate| rate < 1.0 - tolerated)
    }

    pub(super) fn last_error(&self) -> Option<ServiceFailure> {
        let (message, at) = self.last_error.as_ref()?;
        Some(ServiceFailure { message: message.clone(), ago: at.elapsed() })
    }
}

impl LastCalls {
    fn note(&mut self, is_failure: bool) {
        self.outcomes = self.outcomes << 1 | u64::from(is_failure);
        self.number = (self.number + 1).min(u64::BITS);
    }
}

/// How much of the time until a moment is left, if any is.
fn left(moment: Option<Instant>) -> Option<Duration> {
    Some(moment?.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
}

/// Whether a service that fails so did not do its part: one that refuses what it was asked, or asks for time, does.
fn is_failure(kind: PortErrorKind) -> bool {
    match kind {
        PortErrorKind::Unavailable
        | PortErrorKind::Full
        | PortErrorKind::Timeout
        | PortErrorKind::Denied
        | PortErrorKind::Corrupt
        | PortErrorKind::Unexpected => true,
        PortErrorKind::Conflict
        | PortErrorKind::Stale
        | PortErrorKind::Rejected
        | PortErrorKind::RateLimited => false,
    }
}

/// Whether a service that fails so is away or ill, so that it is better left alone for a while: one that refuses a key answers, and
/// goes on to until the key is mended.
pub(super) fn is_outage(kind: PortErrorKind) -> bool {
    is_failure(kind) && kind != PortErrorKind::Denied
}
