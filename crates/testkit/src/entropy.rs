//! Secrets that are the same in each run.

use std::sync::atomic::{AtomicU64, Ordering};

use adstead_domain::Sha256Digest;
use adstead_domain::port::Entropy;

/// Bytes that look random and are the same in each run: the digests of 1, 2, 3 and so on.
#[derive(Debug, Default)]
pub struct CountingEntropy {
    last: AtomicU64,
}

impl CountingEntropy {
    /// A number from 0 up to, not including, `bound`, for tests that want many different values.
    ///
    /// # Panics
    /// Where `bound` is 0.
    pub fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes) % bound
    }
}

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(32) {
            let count = self.last.fetch_add(1, Ordering::SeqCst) + 1;
            piece.copy_from_slice(&Sha256Digest::of(&count.to_be_bytes()).as_bytes()[..piece.len()]);
        }
    }
}
