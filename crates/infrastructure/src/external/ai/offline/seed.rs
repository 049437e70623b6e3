use adstead_domain::Brief;
use sha2::{Digest, Sha256};

/// Where the writer's choices come from: the brief itself, so that the same brief always gets the same copy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed(u64);

impl Seed {
    pub(super) fn of(brief: &Brief) -> Self {
        let json = serde_json::to_vec(brief).expect("a brief consists of texts and numbers");
        let digest = Sha256::digest(json);
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        Self(u64::from_be_bytes(first))
    }

    /// The seed of one part of the work.
    pub(super) fn part(self, index: usize) -> Self {
        Self(mixed(self.0 ^ (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// A number below `bound` that depends on what `key` stands for.
    pub(super) fn draw(self, key: u64, bound: usize) -> usize {
        (mixed(self.0 ^ key) % bound.max(1) as u64) as usize
    }
}

/// A number that stands for a text, whatever its case (FNV-1a: <http://www.isthe.com/chongo/tech/comp/fnv/>).
pub(super) fn key(text: &str) -> u64 {
    let hashed = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    text.to_lowercase().bytes().fold(0xCBF2_9CE4_8422_2325, hashed)
}

/// The finalizer of `SplitMix64` (Steele, Lea & Flood, 2014).
fn mixed(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}
