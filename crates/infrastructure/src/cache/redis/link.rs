use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::connection::{RedisError, RedisErrorKind};

/// Failures in a row after which Redis is not asked any more: so many callers pay a time-out, and no others.
const FAILURES: u32 = 3;

/// Whether Redis is asked: a breaker that only the keeper closes again, so that no caller ever pays for a trial.
pub(in crate::cache) struct Link {
    state: AtomicU8,
    failures: AtomicU32,
    /// When it came to be as it is.
    since: Mutex<Instant>,
    last_error: Mutex<Option<RedisError>>,
    openings: AtomicU64,
    takes_no_writes: AtomicBool,
    /// Wakes the keeper.
    pub(in crate::cache) went_down: Notify,
    /// Wakes who wait for the first connection.
    pub(in crate::cache) came_up: Notify,
}

/// Whether Redis is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::cache) enum LinkState {
    /// Yes.
    Up = 0,
    /// No: it did not answer. What is written meanwhile is kept.
    Down = 1,
    /// Not yet: what was kept is being replayed.
    Recovering = 2,
}

impl Link {
    /// Down, until the first connection is made.
    pub(in crate::cache) fn new() -> Self {
        Self {
            state: AtomicU8::new(LinkState::Down as u8),
            failures: AtomicU32::new(0),
            since: Mutex::new(Instant::now()),
            last_error: Mutex::new(None),
            openings: AtomicU64::new(0),
            takes_no_writes: AtomicBool::new(false),
            went_down: Notify::new(),
            came_up: Notify::new(),
        }
    }

    #[inline]
    pub(in crate::cache) fn is_up(&self) -> bool {
        self.state.load(Ordering::Acquire) == LinkState::Up as u8
    }

    pub(in crate::cache) fn state(&self) -> LinkState {
        match self.state.load(Ordering::Acquire) {
            0 => LinkState::Up,
            1 => LinkState::Down,
            _ => LinkState::Recovering,
        }
    }

    /// Goes over into another state.
    pub(in crate::cache) fn turn(&self, state: LinkState) {
        let before = self.state.swap(state as u8, Ordering::AcqRel);
        if before != state as u8 {
            *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
        if state == LinkState::Up {
            self.failures.store(0, Ordering::Release);
            self.came_up.notify_waiters();
        }
    }

    /// Notes how a call ended.
    pub(in crate::cache) fn note<T>(&self, outcome: &Result<T, RedisError>) {
        match outcome {
            Ok(_) => {
                if self.failures.load(Ordering::Relaxed) != 0 {
                    self.failures.store(0, Ordering::Relaxed);
                }
            }
            Err(error) => self.note_error(error),
        }
    }

    /// Notes why something failed that nobody called for.
    pub(in crate::cache) fn note_reason(&self, error: &RedisError) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
    }

    fn note_error(&self, error: &RedisError) {
        self.note_reason(error);
        if !error.kind.concerns_the_link() {
            if error.kind != RedisErrorKind::WrongType {
                self.takes_no_writes.store(true, Ordering::Relaxed);
            }
            return;
        }
        let failures = self.failures.fetch_add(1, Ordering::AcqRel) + 1;
        if failures >= FAILURES && self.is_up() {
            self.turn(LinkState::Down);
            self.openings.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(%error, failures, "Redis failed and is not asked until it answers again");
            self.went_down.notify_one();
        }
    }

    /// Notes that a write was taken.
    pub(in crate::cache) fn note_written(&self) {
        if self.takes_no_writes.load(Ordering::Relaxed) {
            self.takes_no_writes.store(false, Ordering::Relaxed);
        }
    }

    /// Whether the last write was refused, though Redis answers.
    pub(in crate::cache) fn takes_no_writes(&self) -> bool {
        self.takes_no_writes.load(Ordering::Relaxed)
    }

    pub(in crate::cache) fn since(&self) -> Instant {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::cache) fn last_error(&self) -> Option<RedisError> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often it went down.
    pub(in crate::cache) fn openings(&self) -> u64 {
        self.openings.load(Ordering::Relaxed)
    }
}
