use std::panic::Location;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use adstead_domain::port::{Durations, Holder};
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit, TryAcquireError};

use super::Fault;
use crate::histogram::Histogram;
use crate::resilience::Deadline;

/// Lets as many callers to a pool as it has connections, first come, first served, and keeps account of them.
///
/// The pool of sqlx behind it tells nothing of who waits and who holds; as nobody gets there without a pass, nobody
/// waits there, but for a connection that is being made.
pub(super) struct Gate {
    permits: Semaphore,
    acquire_timeout: Duration,
    long_hold: Duration,
    waiting: AtomicU32,
    timeouts: AtomicU64,
    long_holds: AtomicU64,
    wait: Histogram,
    held: Histogram,
    holders: Mutex<Holders>,
}

/// The right to one connection, until it is dropped.
pub(super) struct Pass<'gate> {
    gate: &'gate Gate,
    slot: usize,
    since: Instant,
    _permit: SemaphorePermit<'gate>,
}

/// Who holds a pass, and the slots that are free.
struct Holders {
    slots: Vec<Option<HeldAt>>,
    free: Vec<usize>,
}

#[derive(Clone, Copy)]
struct HeldAt {
    place: &'static Location<'static>,
    since: Instant,
    is_told: bool,
}

/// What a gate has counted.
pub(super) struct GateStats {
    pub(super) in_use: u32,
    pub(super) waiting: u32,
    pub(super) acquires: u64,
    pub(super) timeouts: u64,
    pub(super) long_holds: u64,
    pub(super) wait: Durations,
    pub(super) held: Durations,
    pub(super) longest_holder: Option<Holder>,
}

impl Gate {
    pub(super) fn new(passes: u32, acquire_timeout: Duration, long_hold: Duration) -> Self {
        let passes = passes as usize;
        Self {
            permits: Semaphore::new(passes),
            acquire_timeout,
            long_hold,
            waiting: AtomicU32::new(0),
            timeouts: AtomicU64::new(0),
            long_holds: AtomicU64::new(0),
            wait: Histogram::default(),
            held: Histogram::default(),
            holders: Mutex::new(Holders { slots: vec![None; passes], free: (0..passes).collect() }),
        }
    }

    /// Waits for a pass: for as long as the settings and the caller's deadline allow.
    pub(super) async fn enter(&self, place: &'static Location<'static>) -> Result<Pass<'_>, Fault> {
        let permit = match self.permits.try_acquire() {
            Ok(permit) => {
                self.wait.add(Duration::ZERO);
                permit
            }
            Err(TryAcquireError::NoPermits) => self.wait_for_permit().await?,
            Err(TryAcquireError::Closed) => return Err(Fault::Closed),
        };
        let since = Instant::now();
        let slot = self.holders().take(HeldAt { place, since, is_told: false });
        Ok(Pass { gate: self, slot, since, _permit: permit })
    }

    async fn wait_for_permit(&self) -> Result<SemaphorePermit<'_>, Fault> {
        let _waiting = Waiting::among(&self.waiting);
        let begun = Instant::now();
        let patience = Deadline::current()
            .map_or(self.acquire_timeout, |deadline| self.acquire_timeout.min(deadline.remaining()));
        let outcome = match tokio::time::timeout(patience, self.permits.acquire()).await {
            Ok(permit) => Ok(permit.map_err(|_closed: AcquireError| Fault::Closed)?),
            Err(_elapsed) => {
                self.timeouts.fetch_add(1, Ordering::Relaxed);
                Err(Fault::Overloaded)
            }
        };
        self.wait.add(begun.elapsed());
        outcome
    }

    /// Lets nobody in any more; those who wait are turned away.
    pub(super) fn close(&self) {
        self.permits.close();
    }

    pub(super) fn stats(&self) -> GateStats {
        let (wait, held) = (self.wait.snapshot(), self.held.snapshot());
        let timeouts = self.timeouts.load(Ordering::Relaxed);
        let holders = self.holders();
        let longest = holders.slots.iter().flatten().min_by_key(|holder| holder.since);
        GateStats {
            in_use: u32::try_from(holders.slots.len() - holders.free.len()).unwrap_or(u32::MAX),
            waiting: self.waiting.load(Ordering::Relaxed),
            acquires: wait.count().saturating_sub(timeouts),
            timeouts,
            long_holds: self.long_holds.load(Ordering::Relaxed),
            longest_holder: longest.map(HeldAt::told),
            wait,
            held,
        }
    }

    fn holders(&self) -> MutexGuard<'_, Holders> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts and logs, once each, those who have held a pass for too long.
    fn tell_long_holds(&self) {
        let mut holders = self.holders();
        let long = holders.slots.iter_mut().flatten().filter(|it| it.since.elapsed() >= self.long_hold);
        for holder in long.filter(|holder| !holder.is_told) {
            holder.is_told = true;
            self.long_holds.fetch_add(1, Ordering::Relaxed);
            let Holder { place, held } = holder.told();
            tracing::warn!(
                place,
                held_ms = held.as_millis(),
                "a database connection has been held for long: is it leaked, or does its holder wait for something else?"
            );
        }
    }

    /// Watches over the holders for as long as there is a gate.
    pub(super) async fn watch(gate: Weak<Self>) {
        while let Some(interval) = gate.upgrade().map(|gate| gate.long_hold / 4) {
            tokio::time::sleep(interval.max(Duration::from_millis(1))).await;
            if let Some(gate) = gate.upgrade() {
                gate.tell_long_holds();
            }
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.held.add(self.since.elapsed());
        self.gate.holders().give_back(self.slot);
    }
}

impl Holders {
    fn take(&mut self, holder: HeldAt) -> usize {
        let slot = self.free.pop().expect("there are as many slots as permits");
        self.slots[slot] = Some(holder);
        slot
    }

    fn give_back(&mut self, slot: usize) {
        self.slots[slot] = None;
        self.free.push(slot);
    }
}

impl HeldAt {
    fn told(&self) -> Holder {
        let Self { place, since, is_told: _ } = self;
        Holder { place: format!("{}:{}", place.file(), place.line()), held: since.elapsed() }
    }
}

/// A caller in the queue, for as long as it lives.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn among(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
