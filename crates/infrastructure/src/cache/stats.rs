use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use adstead_domain::port::LevelStatistics;

use crate::histogram::Histogram;

/// The counters of one cache.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) memory: LevelCounters,
    pub(super) redis: LevelCounters,
    pub(super) loads: Counter,
    pub(super) load_failures: Counter,
    pub(super) load_timeouts: Counter,
    pub(super) load_time: Histogram,
    pub(super) waits: Counter,
    pub(super) writes: Counter,
}

/// The counters of one level of it.
#[derive(Default)]
pub(super) struct LevelCounters {
    pub(super) hits: BusyCounter,
    pub(super) misses: Counter,
    pub(super) stale: Counter,
    pub(super) unusable: Counter,
}

/// Counts up.
#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    #[inline]
    pub(super) fn count(&self) {
        self.add(1);
    }

    #[inline]
    pub(super) fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts up what many threads do all the time: each of the first threads writes into a place of its own, and need not ask for
/// it first, as a place that others write to takes.
#[derive(Default)]
pub(super) struct BusyCounter([Place; PLACES]);

/// The last one is for all threads that have none of their own.
const PLACES: usize = 16;

/// A number with a cache line of its own.
#[derive(Default)]
#[repr(align(64))]
struct Place(AtomicU64);

/// Threads that were given a place so far. It is theirs in every counter, and is not given away again when they end.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static PLACE: Cell<Option<usize>> = const { Cell::new(None) };
}

impl BusyCounter {
    #[inline]
    pub(super) fn count(&self) {
        let place = PLACE.get().unwrap_or_else(take_place);
        let Place(number) = &self.0[place % PLACES];
        if place < PLACES - 1 {
            // Nobody else writes here.
            number.store(number.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        } else {
            number.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn get(&self) -> u64 {
        self.0.iter().map(|Place(number)| number.load(Ordering::Relaxed)).sum()
    }
}

#[cold]
fn take_place() -> usize {
    let place = THREADS.fetch_add(1, Ordering::Relaxed).min(PLACES - 1);
    PLACE.set(Some(place));
    place
}

impl LevelCounters {
    pub(super) fn snapshot(&self) -> LevelStatistics {
        let Self { hits, misses, stale, unusable } = self;
        LevelStatistics {
            hits: hits.get(),
            misses: misses.get(),
            stale: stale.get(),
            unusable: unusable.get(),
            ..LevelStatistics::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_more_threads_count_than_there_are_places_adds_up() {
        let counter = BusyCounter::default();
        std::thread::scope(|scope| {
            for _ in 0..2 * PLACES {
                scope.spawn(|| (0..10_000).for_each(|_| counter.count()));
            }
        });
        assert_eq!(counter.get(), 20_000 * PLACES as u64);
    }
}
