use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::quality::RandomState;

use super::memory::KeyRef;

const STRIPES: usize = 1024;

/// When keys were last set or deleted, so that a load that began before keeps its hands off them.
///
/// Whoever writes a key holds its stripe meanwhile: between the question whether a load came too late and the keeping of
/// what it brought, nobody else writes. Reads never come here.
pub(super) struct Writes {
    hasher: RandomState,
    stripes: Box<[Mutex<u64>]>,
}

impl Writes {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::default(), stripes: (0..STRIPES).map(|_| Mutex::new(0)).collect() }
    }

    /// The number, of the sequence that stamps are taken from, of the last set or delete of `key`. Keys that share a stripe
    /// share it as well, which costs at worst that a loaded value is not kept.
    pub(super) fn lock(&self, key: KeyRef<'_>) -> MutexGuard<'_, u64> {
        let stripe = self.hasher.hash_one(key) as usize % STRIPES;
        self.stripes[stripe].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
