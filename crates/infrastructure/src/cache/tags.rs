use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// As many stripes as a `u16` can name, so that looking one up needs no check of bounds: 512 KiB in all.
const STRIPES: usize = 1 << 16;

/// How many tags an entry watches one by one.
const WATCHED: usize = 12;

/// Tells which entries were made before something that they depend on was invalidated.
///
/// Every invalidation takes the next number of one sequence and writes it into the stripe that its tag hashes to. An
/// entry remembers the number that stood when its load *started*, and is outdated once a stripe that it watches holds a
/// greater one. So an invalidation costs the same at any number of entries, also reaches a load that is still running,
/// and two tags that share a stripe cost a needless miss and nothing else.
pub(super) struct TagTable {
    hasher: RandomState,
    sequence: AtomicU64,
    /// The number of the last invalidation of any tag.
    latest: AtomicU64,
    /// The number of the last clearing.
    cleared: AtomicU64,
    stripes: Box<[AtomicU64; STRIPES]>,
}

/// The moment at which a load started, and the stripes that may outdate it.
#[derive(Clone, Copy)]
pub(super) struct Stamp {
    /// The last number of the sequence that was taken before.
    pub(super) sequence: u64,
    stripes: [u16; WATCHED],
    watching: Watching,
}

#[derive(Clone, Copy)]
enum Watching {
    /// So many of the stripes.
    Stripes(u8),
    /// More tags than there is room for: any invalidation outdates the entry.
    Everything,
}

impl TagTable {
    pub(super) fn new() -> Self {
        let stripes: Box<[AtomicU64]> = (0..STRIPES).map(|_| AtomicU64::new(0)).collect();
        Self {
            hasher: RandomState::new(),
            sequence: AtomicU64::new(0),
            latest: AtomicU64::new(0),
            cleared: AtomicU64::new(0),
            stripes: stripes.try_into().expect("it was made with that length"),
        }
    }

    /// The stamp of a load that starts now, of something that carries `tags`.
    pub(super) fn stamp(&self, tags: &[String]) -> Stamp {
        let sequence = self.sequence.load(Ordering::SeqCst);
        let mut stripes = [0; WATCHED];
        if tags.len() > WATCHED {
            return Stamp { sequence, stripes, watching: Watching::Everything };
        }
        for (stripe, tag) in stripes.iter_mut().zip(tags) {
            *stripe = self.stripe(tag);
        }
        Stamp { sequence, stripes, watching: Watching::Stripes(tags.len() as u8) }
    }

    /// Outdates every entry that was stamped before and carries `tag`.
    pub(super) fn invalidate(&self, tag: &str) {
        let number = self.next();
        self.stripes[usize::from(self.stripe(tag))].fetch_max(number, Ordering::SeqCst);
        self.latest.fetch_max(number, Ordering::SeqCst);
    }

    /// Outdates every entry that was stamped before.
    pub(super) fn invalidate_all(&self) {
        let number = self.next();
        self.cleared.fetch_max(number, Ordering::SeqCst);
    }

    #[inline]
    pub(super) fn is_outdated(&self, stamp: &Stamp) -> bool {
        let is_newer = |number: &AtomicU64| number.load(Ordering::Acquire) > stamp.sequence;
        if is_newer(&self.cleared) {
            return true;
        }
        match stamp.watching {
            Watching::Stripes(count) => stamp.stripes[..usize::from(count)]
                .iter()
                .any(|&stripe| is_newer(&self.stripes[usize::from(stripe)])),
            Watching::Everything => is_newer(&self.latest),
        }
    }

    /// The next number of the sequence.
    pub(super) fn next(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn stripe(&self, tag: &str) -> u16 {
        self.hasher.hash_one(tag) as u16
    }
}
