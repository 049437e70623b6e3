use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// As many stripes as a `u16` can name, so that looking one up needs no check of bounds.
const STRIPES: usize = 1 << 16;

/// Stripes that Redis is told of at once, so that it serves others meanwhile.
pub(super) const STRIPES_AT_ONCE: usize = 500;

/// How far, in microseconds, a time of another node may be ahead of our clock: a day. What claims to be later is nobody's time,
/// and would stand in the way of all that come after it.
const AHEAD: u64 = 86_400_000_000;

/// How many stripes an entry in memory watches one by one.
const WATCHED: usize = 12;

/// What tells the hash of a tag from that of a prefix of keys. These and the hash itself are shared by all nodes: other
/// ones take another format of [`super::envelope`].
const TAG_SEED: u64 = 0x0074_6167;
const PREFIX_SEED: u64 = 0x7072_6566_6978;

/// Tells which entries were made before something that they depend on was invalidated.
///
/// Tags hash to stripes. An invalidation costs the same at any number of entries, since it writes into its stripe and looks
/// for no entry; two tags that share a stripe cost a needless miss and nothing else. Each stripe holds two things:
///
/// - A *number* of one sequence of this process. An entry in memory remembers the number that stood when its load
///   *started*, and is outdated once a stripe that it watches holds a greater one. So an invalidation also reaches a load
///   that is still running.
/// - A *time* that all nodes agree on, in microseconds: Redis takes the greater of its own clock, what the caller proposes
///   and the last time plus one. An entry in Redis carries the times that its writer knew when its load started, and is
///   outdated for whoever knows a later one. Only times of one stripe are ever compared, so clocks that differ do no harm,
///   and as the later time always wins, nodes agree in whatever order they hear.
pub(super) struct TagTable {
    sequence: Apart,
    /// The number of the last invalidation of any stripe. As long as an entry is younger, none of its stripes need be looked
    /// at.
    latest: Apart,
    numbers: Box<[AtomicU64; STRIPES + 1]>,
    times: Box<[AtomicU64; STRIPES + 1]>,
}

/// A number with cache lines of its own (adjacent lines are fetched in pairs on x86-64): each write of a key takes a number
/// of the sequence, and each hit reads the latest.
#[repr(align(128))]
struct Apart(AtomicU64);

/// What one invalidation is written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Stripe(u32);

impl Stripe {
    /// That which every entry watches.
    pub(super) const EVERYTHING: Self = Self(STRIPES as u32);

    pub(super) fn of_tag(tag: &str) -> Self {
        Self(xxh3_64_with_seed(tag.as_bytes(), TAG_SEED) as u32 & 0xFFFF)
    }

    /// The stripe of everything whose key, with its cache's name before it, begins with these parts.
    pub(super) fn of_prefix<'a>(parts: impl Iterator<Item = &'a str>) -> Self {
        Self(parts.fold(PREFIX_SEED, chained) as u32 & 0xFFFF)
    }

    pub(super) fn number(self) -> u32 {
        self.0
    }

    pub(super) fn from_number(number: u32) -> Option<Self> {
        (number as usize <= STRIPES).then_some(Self(number))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

/// The hash of a prefix from that of the one before and the part that was added, its colon included.
fn chained(before: u64, part: &str) -> u64 {
    xxh3_64_with_seed(part.as_bytes(), before)
}

/// The most parts of a key, that of its cache's name included, by whose prefixes it can be invalidated.
pub(super) const MAX_PREFIX_PARTS: usize = 5;

/// What an entry under `key` of the cache `name` depends on.
pub(super) fn watched(name: &str, key: &str, tags: &[String]) -> Vec<u16> {
    let mut hash = chained(chained(PREFIX_SEED, name), ":");
    let mut watched = vec![hash as u16];
    let parts = key.split_inclusive(':').filter(|part| part.ends_with(':'));
    for part in parts.take(MAX_PREFIX_PARTS - 1) {
        hash = chained(hash, part);
        watched.push(hash as u16);
    }
    watched.extend(tags.iter().map(|tag| Stripe::of_tag(tag).0 as u16));
    watched
}

/// The parts of a prefix: the name, the colon after it, and the parts of the key with theirs.
pub(super) fn prefix_parts(prefix: &str) -> Option<Vec<&str>> {
    let (name, rest) = prefix.split_once(':')?;
    let mut parts = vec![name, ":"];
    parts.extend(rest.split_inclusive(':'));
    let is_registered = prefix.ends_with(':') && parts.len() <= MAX_PREFIX_PARTS + 1;
    is_registered.then_some(parts)
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
    /// More than there is room for: any invalidation outdates the entry.
    Everything,
}

impl Stamp {
    pub(super) fn new(sequence: u64, watched: &[u16]) -> Self {
        let mut stripes = [0; WATCHED];
        let Some(room) = stripes.get_mut(..watched.len()) else {
            return Self { sequence, stripes, watching: Watching::Everything };
        };
        room.copy_from_slice(watched);
        Self { sequence, stripes, watching: Watching::Stripes(watched.len() as u8) }
    }
}

/// What an entry in Redis carries: the times of its stripes when its load started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) everything: u64,
    pub(super) stripes: Vec<(u16, u64)>,
}

impl TagTable {
    pub(super) fn new() -> Self {
        let zeros = || {
            let zeros: Box<[AtomicU64]> = (0..=STRIPES).map(|_| AtomicU64::new(0)).collect();
            zeros.try_into().expect("it was made with that length")
        };
        let zero = || Apart(AtomicU64::new(0));
        Self { sequence: zero(), latest: zero(), numbers: zeros(), times: zeros() }
    }

    /// The last number of the sequence.
    pub(super) fn now(&self) -> u64 {
        self.sequence.0.load(Ordering::SeqCst)
    }

    /// The next number of the sequence.
    pub(super) fn next(&self) -> u64 {
        self.sequence.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Whether something that the stamp watches was invalidated after it.
    #[inline]
    pub(super) fn is_outdated(&self, stamp: &Stamp) -> bool {
        self.latest.0.load(Ordering::Acquire) > stamp.sequence && self.holds_later(stamp)
    }

    fn holds_later(&self, stamp: &Stamp) -> bool {
        let holds = |number: &AtomicU64| number.load(Ordering::Acquire) > stamp.sequence;
        if holds(&self.numbers[STRIPES]) {
            return true;
        }
        match stamp.watching {
            Watching::Stripes(count) => stamp.stripes[..usize::from(count)]
                .iter()
                .any(|&stripe| holds(&self.numbers[usize::from(stripe)])),
            Watching::Everything => holds(&self.latest.0),
        }
    }

    /// Whether something that the stamp watches was invalidated after it, and may have been so by `until`: of several
    /// invalidations only the last is known.
    pub(super) fn was_outdated(&self, stamp: &Stamp, until: u64) -> bool {
        stamp.sequence < until && self.is_outdated(stamp)
    }

    /// Invalidates at a time that nobody else knows yet, which is answered: to be told to Redis.
    pub(super) fn invalidate(&self, stripe: Stripe, civil_us: u64) -> u64 {
        let time = (self.time(stripe) + 1).max(civil_us);
        self.outdate(stripe, time);
        time
    }

    /// Takes in what another node or Redis knows; whether it was news.
    pub(super) fn learn(&self, stripe: Stripe, time: u64, civil_us: u64) -> bool {
        let is_news = self.time(stripe) < time && is_plausible(time, civil_us);
        if is_news {
            self.outdate(stripe, time);
        }
        is_news
    }

    /// Outdates everything that is in memory. Other nodes are not concerned.
    pub(super) fn flush(&self) {
        self.renumber(Stripe::EVERYTHING);
    }

    /// The times that an entry of Redis is to carry whose load started after number `sequence`; nothing where one of them
    /// is later than that.
    pub(super) fn times_since(&self, sequence: u64, watched: &[u16]) -> Option<Times> {
        let everything = self.time(Stripe::EVERYTHING);
        let time = |&stripe: &u16| (stripe, self.time(Stripe(u32::from(stripe))));
        let times = Times { everything, stripes: watched.iter().map(time).collect() };
        // Numbers are written before times: whoever saw a time of after the start sees its number now.
        let is_late = |stripe: usize| self.numbers[stripe].load(Ordering::SeqCst) > sequence;
        let is_outdated = is_late(STRIPES) || watched.iter().any(|&stripe| is_late(usize::from(stripe)));
        (!is_outdated).then_some(times)
    }

    /// Whether an entry of Redis is still good. Where its writer knew of later invalidations than we do, we learn of them.
    pub(super) fn admits(&self, times: &Times, civil_us: u64) -> bool {
        let stripes = times.stripes.iter().map(|&(stripe, time)| (Stripe(u32::from(stripe)), time));
        let mut all = stripes.chain([(Stripe::EVERYTHING, times.everything)]);
        all.all(|(stripe, time)| {
            self.learn(stripe, time, civil_us);
            self.time(stripe) <= time && is_plausible(time, civil_us)
        })
    }

    /// All that was ever invalidated, as far as this node knows.
    pub(super) fn known(&self) -> impl Iterator<Item = (Stripe, u64)> {
        let times = self.times.iter().enumerate();
        times
            .map(|(index, time)| (Stripe(index as u32), time.load(Ordering::SeqCst)))
            .filter(|(_, time)| *time > 0)
    }

    pub(super) fn time(&self, stripe: Stripe) -> u64 {
        self.times[stripe.index()].load(Ordering::SeqCst)
    }

    fn outdate(&self, stripe: Stripe, time: u64) {
        // Once before, so that who seals an entry with this time sees the number; and once after, so that who read an
        // entry without knowing the time holds a lower number.
        self.renumber(stripe);
        self.times[stripe.index()].fetch_max(time, Ordering::SeqCst);
        self.renumber(stripe);
    }

    fn renumber(&self, stripe: Stripe) {
        let number = self.next();
        self.numbers[stripe.index()].fetch_max(number, Ordering::SeqCst);
        self.latest.0.fetch_max(number, Ordering::SeqCst);
    }
}

/// Whether somebody whose clock is right within a day can have invalidated at this time.
fn is_plausible(time: u64, civil_us: u64) -> bool {
    time <= civil_us.saturating_add(AHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000_000;

    fn of(tags: &[&str]) -> Vec<u16> {
        let tags: Vec<_> = tags.iter().map(|&tag| tag.to_owned()).collect();
        watched("ads", "42:7", &tags)
    }

    #[test]
    fn an_entry_watches_the_prefixes_of_its_key_up_to_each_colon() {
        let prefix = |prefix| Stripe::of_prefix(prefix_parts(prefix).unwrap().into_iter()).0 as u16;
        assert_eq!(watched("ads", "42:7", &[]), [prefix("ads:"), prefix("ads:42:")]);
        assert_eq!(prefix_parts("ads"), None);
        assert_eq!(prefix_parts("ads:4"), None);
        assert_eq!(prefix_parts("a:b:c:d:e:f:"), None, "it is too deep");
    }

    #[test]
    fn the_later_time_wins_in_whatever_order_it_is_heard_of() {
        let (one, other) = (TagTable::new(), TagTable::new());
        let stripe = Stripe::of_tag("account:1");
        assert!(one.learn(stripe, 5, NOW) && one.learn(stripe, 9, NOW));
        assert!(other.learn(stripe, 9, NOW) && !other.learn(stripe, 5, NOW));
        assert!(one.known().eq(other.known()));
    }

    #[test]
    fn a_time_that_cannot_be_is_not_believed() {
        let table = TagTable::new();
        let stripe = Stripe::of_tag("account:1");
        for time in [u64::MAX, NOW + AHEAD + 1] {
            assert!(!table.learn(stripe, time, NOW));
            let entry = Times { everything: 0, stripes: vec![(stripe.0 as u16, time)] };
            assert!(!table.admits(&entry, NOW), "who wrote it would never hear of an invalidation");
        }
        assert_eq!(table.invalidate(stripe, 5), 5, "and the next ones count");
    }

    #[test]
    fn an_entry_is_good_for_those_who_know_of_nothing_later() {
        let (writer, reader) = (TagTable::new(), TagTable::new());
        let stripe = Stripe::of_tag("account:1");
        writer.learn(stripe, 5, NOW);
        let entry = writer.times_since(writer.now(), &of(&["account:1"])).unwrap();
        assert!(reader.admits(&entry, NOW), "and now it knows of 5 as well");
        assert_eq!(reader.known().collect::<Vec<_>>(), [(stripe, 5)]);
        reader.invalidate(stripe, 0);
        assert!(!reader.admits(&entry, NOW));
    }

    #[test]
    fn a_load_that_began_before_an_invalidation_gets_no_times() {
        let table = TagTable::new();
        let begun = table.now();
        table.invalidate(Stripe::of_tag("account:1"), 3);
        assert_eq!(table.times_since(begun, &of(&["account:1"])), None);
        assert!(table.times_since(begun, &of(&["account:2"])).is_some());
        assert!(table.times_since(table.now(), &of(&["account:1"])).is_some());
    }

    #[test]
    fn what_was_invalidated_between_two_moments_is_told_apart() {
        let table = TagTable::new();
        let stamp = Stamp::new(table.now(), &of(&["account:1"]));
        table.invalidate(Stripe::of_tag("account:1"), 3);
        let arrived = table.now();
        assert!(table.was_outdated(&stamp, arrived));
        table.invalidate(Stripe::of_tag("account:1"), 4);
        assert!(table.was_outdated(&stamp, arrived), "the later one does not hide the earlier");
        let late = Stamp::new(arrived, &of(&["account:1"]));
        table.flush();
        assert!(table.is_outdated(&late) && !table.was_outdated(&late, arrived));
    }
}
