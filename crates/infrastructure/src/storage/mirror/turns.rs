use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use adstead_domain::port::FileKey;
use tokio::sync::{Mutex, OwnedMutexGuard};

const STRIPES: usize = 64;

/// Lets one writer at a time change what is under a key.
#[derive(Debug)]
pub(super) struct Turns([Arc<Mutex<()>>; STRIPES]);

impl Turns {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Arc::default()))
    }

    /// Waits for the turn on all `keys`, which ends when the answer is dropped.
    pub(super) async fn on<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a FileKey>,
    ) -> Vec<OwnedMutexGuard<()>> {
        let stripes = keys.into_iter().map(Self::stripe).collect::<BTreeSet<_>>();
        let mut turns = Vec::with_capacity(stripes.len());
        // Always in the same order, so that no two wait for each other.
        for stripe in stripes {
            turns.push(Arc::clone(&self.0[stripe]).lock_owned().await);
        }
        turns
    }

    fn stripe(key: &FileKey) -> usize {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        hasher.finish() as usize % STRIPES
    }
}
