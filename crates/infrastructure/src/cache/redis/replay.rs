use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

/// What Redis could not be told, one write for each key, until it can.
///
/// What waits is always a deletion, also where a value was set. In the meantime another node may have written the same key,
/// and nobody knows which of the two came first: a value that is told late could take the place of a newer one, while a
/// deletion costs at worst a load.
///
/// Invalidated tags are not among it: what of them Redis does not know is seen from the two tables.
pub(in crate::cache) struct Replay {
    queue: Mutex<Queue>,
    /// Its length, to be asked without the lock.
    length: AtomicUsize,
    /// Whether writes were dropped, so that everything in Redis must be thought old.
    has_overflowed: AtomicBool,
    max_entries: usize,
    max_bytes: usize,
    replayed: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Queue {
    /// Each key's number in the order, and for how long its deletion is to be remembered.
    deletions: HashMap<Box<str>, (u64, Duration)>,
    /// The keys in the order of their writes.
    order: BTreeMap<u64, Box<str>>,
    next: u64,
    bytes: usize,
}

/// A write to a key. It is remembered for so long that no load from before it can still end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cache) enum Write {
    /// It was set to this, which is kept for so long.
    Set { entry: Bytes, kept_for: Duration, remembered_for: Duration },
    /// It was deleted.
    Delete { remembered_for: Duration },
    /// It is kept in memory only, and the other nodes are to drop it.
    Announce { remembered_for: Duration },
}

/// A write that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cache) struct Waiting {
    pub(in crate::cache) number: u64,
    pub(in crate::cache) key: Box<str>,
    pub(in crate::cache) remembered_for: Duration,
}

impl Write {
    fn remembered_for(&self) -> Duration {
        match *self {
            Self::Set { remembered_for, .. }
            | Self::Delete { remembered_for }
            | Self::Announce { remembered_for } => remembered_for,
        }
    }
}

impl Replay {
    pub(in crate::cache) fn new(max_entries: usize, max_bytes: usize) -> Self {
        Self {
            queue: Mutex::default(),
            length: AtomicUsize::new(0),
            has_overflowed: AtomicBool::new(false),
            max_entries,
            max_bytes,
            replayed: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Keeps a write. Where there is no more room, the oldest give way to a clearing of everything.
    pub(in crate::cache) fn keep(&self, key: &str, write: &Write) {
        let mut queue = self.queue();
        queue.remove(key);
        let has_room = |queue: &Queue| {
            queue.deletions.len() < self.max_entries && queue.bytes + key.len() <= self.max_bytes
        };
        while !has_room(&queue) {
            self.has_overflowed.store(true, Ordering::Release);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            let Some((_, oldest)) = queue.order.pop_first() else {
                return;
            };
            queue.remove(&oldest);
        }
        let number = queue.next;
        queue.next += 1;
        queue.bytes += key.len();
        queue.order.insert(number, key.into());
        queue.deletions.insert(key.into(), (number, write.remembered_for()));
        self.length.store(queue.deletions.len(), Ordering::Release);
    }

    /// Whether what Redis has under `key` is old: a write of it waits, or was dropped.
    pub(in crate::cache) fn holds(&self, key: &str) -> bool {
        self.has_overflowed.load(Ordering::Acquire) || self.number_of(key).is_some()
    }

    /// The number of the write of `key` that waits.
    fn number_of(&self, key: &str) -> Option<u64> {
        if self.is_empty() {
            return None;
        }
        self.queue().deletions.get(key).map(|(number, _)| *number)
    }

    /// The number of the next write that comes to wait.
    pub(in crate::cache) fn next(&self) -> u64 {
        self.queue().next
    }

    /// The oldest writes before number `end`, which stay until they are [`done`](Self::done).
    pub(in crate::cache) fn oldest(&self, count: usize, end: u64) -> Vec<Waiting> {
        let queue = self.queue();
        let oldest = queue.order.range(..end).take(count).map(|(&number, key)| {
            let (_, remembered_for) = queue.deletions[key];
            Waiting { number, key: key.clone(), remembered_for }
        });
        oldest.collect()
    }

    /// Notes that a write was made; one that came after it stays.
    pub(in crate::cache) fn done(&self, number: u64) {
        let mut queue = self.queue();
        if let Some(key) = queue.order.remove(&number) {
            queue.remove(&key);
            self.length.store(queue.deletions.len(), Ordering::Release);
            self.replayed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Where writes were dropped, runs `then`, which must outdate everything in Redis, and forgets that they were.
    pub(in crate::cache) fn if_overflowed(&self, then: impl FnOnce()) {
        // Locked, so that no write is dropped between the two.
        let _queue = self.queue();
        if self.has_overflowed.load(Ordering::Acquire) {
            then();
            self.has_overflowed.store(false, Ordering::Release);
        }
    }

    #[inline]
    pub(in crate::cache) fn is_empty(&self) -> bool {
        self.length.load(Ordering::Acquire) == 0
    }

    /// Whether Redis knows of all writes.
    pub(in crate::cache) fn is_idle(&self) -> bool {
        self.is_empty() && !self.has_overflowed.load(Ordering::Acquire)
    }

    /// Writes that wait, their bytes, those that were made since the start, and those that were dropped.
    pub(in crate::cache) fn counts(&self) -> (u64, u64, u64, u64) {
        let queue = self.queue();
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (queue.deletions.len() as u64, queue.bytes as u64, read(&self.replayed), read(&self.dropped))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn remove(&mut self, key: &str) {
        if let Some((number, _)) = self.deletions.remove(key) {
            self.order.remove(&number);
            self.bytes -= key.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const DELETE: Write = Write::Delete { remembered_for: MINUTE };

    fn waiting(replay: &Replay) -> Vec<Box<str>> {
        replay.oldest(9, u64::MAX).into_iter().map(|waiting| waiting.key).collect()
    }

    #[test]
    fn the_newest_write_of_a_key_waits_and_takes_its_place_in_the_order() {
        let replay = Replay::new(10, 1000);
        let set = Write::Set { entry: Bytes::new(), kept_for: MINUTE, remembered_for: MINUTE };
        replay.keep("a", &set);
        replay.keep("bc", &DELETE);
        let end = replay.next();
        replay.keep("a", &DELETE);
        assert_eq!(waiting(&replay), ["bc".into(), "a".into()] as [Box<str>; 2]);
        assert_eq!(replay.oldest(9, end).len(), 1, "what came later is not asked for");
        assert!(replay.holds("a") && !replay.holds("c"));
        assert_eq!(replay.counts(), (2, 3, 0, 0));
    }

    #[test]
    fn a_write_that_comes_while_an_older_one_is_made_stays() {
        let replay = Replay::new(10, 1000);
        replay.keep("a", &DELETE);
        let older = replay.number_of("a").unwrap();
        replay.keep("a", &DELETE);
        replay.done(older);
        assert!(replay.holds("a"));
        replay.done(replay.number_of("a").unwrap());
        assert!(replay.is_idle());
        assert_eq!(replay.counts(), (0, 0, 1, 0));
    }

    #[test]
    fn the_oldest_give_way_to_a_clearing() {
        for (entries, bytes) in [(2, 1000), (1000, 2)] {
            let replay = Replay::new(entries, bytes);
            ["a", "b", "c"].iter().for_each(|key| replay.keep(key, &DELETE));
            assert_eq!(waiting(&replay), ["b".into(), "c".into()] as [Box<str>; 2]);
            assert_eq!(replay.counts(), (2, 2, 0, 1));
            assert!(replay.holds("a") && replay.holds("never written"), "nobody knows what was dropped");
            let mut has_cleared = false;
            replay.if_overflowed(|| has_cleared = true);
            assert!(has_cleared && !replay.holds("a") && replay.holds("b"));
            replay.if_overflowed(|| panic!("it was cleared"));
        }
    }

    #[test]
    fn where_there_is_no_room_at_all_nothing_waits() {
        for (entries, bytes) in [(0, 1000), (1000, 0)] {
            let replay = Replay::new(entries, bytes);
            ["a", "b"].iter().for_each(|key| replay.keep(key, &DELETE));
            assert!(replay.is_empty() && !replay.is_idle());
            assert_eq!(replay.counts(), (0, 0, 0, 2));
        }
    }
}
