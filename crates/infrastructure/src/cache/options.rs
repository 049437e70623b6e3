use std::fmt;
use std::time::Duration;

use super::Refused;
use super::refused::check_text;

/// How the entries of a cache that hold a `V` are kept.
///
/// An entry has two ages. Until `fresh_for` it is served as it is. From then on a reader loads it anew; where that fails or
/// takes long, and the entry is not older than `kept_for`, the reader gets the old value (*fail-safe*), and for a while,
/// the *throttle*, nobody tries again.
///
/// ```
/// use std::time::Duration;
/// use adstead_infrastructure::cache::EntryOptions;
///
/// let prices: EntryOptions<u64> = EntryOptions::new(Duration::from_secs(60))
///     .kept_for(Duration::from_secs(3600))             // An old price is better than none.
///     .soft_timeout(Duration::from_millis(100))        // And so after 100 ms of waiting for a new one.
///     .eager_after(0.8)                                // Load anew before it is too old.
///     .negative_for(Duration::from_secs(5));           // Remember what does not exist.
/// ```
pub struct EntryOptions<V> {
    pub(super) fresh_for: Duration,
    pub(super) kept_for: Duration,
    pub(super) jitter: f64,
    pub(super) eager_after: Option<f64>,
    pub(super) soft_timeout: Option<Duration>,
    pub(super) hard_timeout: Duration,
    pub(super) throttle: Duration,
    pub(super) negative_for: Duration,
    pub(super) node_lock: Option<Duration>,
    pub(super) levels: Levels,
    pub(super) version: u32,
    pub(super) tags: Vec<String>,
    pub(super) tagged_by: fn(&V) -> Vec<String>,
    pub(super) weigh: fn(&V) -> u32,
}

/// Where entries are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    /// In the memory of this process and in Redis, as far as the cache has them.
    All,
    /// In memory only: for what must not leave the process, or is not worth the way. Other nodes are still told of changes.
    Memory,
    /// In Redis only: for large values that are seldom read twice by one node.
    Redis,
}

impl<V> EntryOptions<V> {
    /// The weight of a value of which nothing better is said: an entity with a few lines of text.
    pub const DEFAULT_WEIGHT: u32 = 1024;

    /// The most tags that an entry carries.
    pub const MAX_TAGS: usize = 64;

    /// The longest tag, in bytes.
    pub const MAX_TAG_BYTES: usize = 256;

    /// The shortest and the longest time that may be asked for: a millisecond, which is what Redis counts in, and a year.
    const TIMES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_secs(366 * 86_400));

    /// Entries that are fresh for that long, 1 ms to 366 days, and then gone; shorter by up to a tenth, at random, so that
    /// what was kept together does not end together. A load may take 30 s.
    pub const fn new(fresh_for: Duration) -> Self {
        Self {
            fresh_for,
            kept_for: fresh_for,
            jitter: 0.1,
            eager_after: None,
            soft_timeout: None,
            hard_timeout: Duration::from_secs(30),
            throttle: Duration::from_secs(5),
            negative_for: Duration::ZERO,
            node_lock: None,
            levels: Levels::All,
            version: 0,
            tags: Vec::new(),
            tagged_by: |_| Vec::new(),
            weigh: |_| Self::DEFAULT_WEIGHT,
        }
    }

    /// For how long an entry can be served where no new value is to be had: `fresh_for` to 366 days.
    #[must_use]
    pub const fn kept_for(mut self, kept_for: Duration) -> Self {
        self.kept_for = kept_for;
        self
    }

    /// The share of the fresh time, 0 to 0.5, by which it is shortened at most, at random.
    #[must_use]
    pub const fn jitter(mut self, share: f64) -> Self {
        self.jitter = share;
        self
    }

    /// The share of the fresh time, 0.1 to 1, after which the first reader sets off a load in the background.
    #[must_use]
    pub const fn eager_after(mut self, share: f64) -> Self {
        self.eager_after = Some(share);
        self
    }

    /// How long a reader waits for a load where there is an old value, 1 ms to 366 days; the load goes on without it.
    #[must_use]
    pub const fn soft_timeout(mut self, time: Duration) -> Self {
        self.soft_timeout = Some(time);
        self
    }

    /// How long a load may take at all, 1 ms to 366 days. It is the load's [`Deadline`](crate::resilience::Deadline).
    #[must_use]
    pub const fn hard_timeout(mut self, time: Duration) -> Self {
        self.hard_timeout = time;
        self
    }

    /// For how long an old value is served without another attempt after one that failed, 1 ms to 366 days.
    #[must_use]
    pub const fn throttle(mut self, time: Duration) -> Self {
        self.throttle = time;
        self
    }

    /// For how long it is remembered that there is nothing, up to 366 days; zero, the default, is not at all.
    #[must_use]
    pub const fn negative_for(mut self, time: Duration) -> Self {
        self.negative_for = time;
        self
    }

    /// Lets one node load at a time, and the others wait for its value, for up to `wait`. It spares loads and no more:
    /// where Redis or the node that loads is gone, each loads for itself.
    #[must_use]
    pub const fn node_lock(mut self, wait: Duration) -> Self {
        self.node_lock = Some(wait);
        self
    }

    /// Where entries are kept.
    #[must_use]
    pub const fn levels(mut self, levels: Levels) -> Self {
        self.levels = levels;
        self
    }

    /// The version of `V`'s form, to be counted up with each change to it: what was written in another version is a miss.
    #[must_use]
    pub const fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// The same options with one more tag, of 256 bytes at most; an entry carries 64 at most.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Entries carry the tags that `tags` finds in their value besides; it is asked once a value is there.
    #[must_use]
    pub const fn tagged_by(mut self, tags: fn(&V) -> Vec<String>) -> Self {
        self.tagged_by = tags;
        self
    }

    /// The same options for values that take as many bytes in memory as `weigh` says; it is asked once a value is there.
    #[must_use]
    pub const fn weighing(mut self, weigh: fn(&V) -> u32) -> Self {
        self.weigh = weigh;
        self
    }

    /// Whether all of them are in range.
    pub(super) fn check(&self) -> Result<(), Refused> {
        let (min, max) = Self::TIMES;
        let time = |option, time, min| {
            let in_range = (min..=max).contains(&time);
            in_range.then_some(()).ok_or(Refused::Time { option, time, min, max })
        };
        let share = |option, share: f64, min, max| {
            let in_range = (min..=max).contains(&share);
            in_range.then_some(()).ok_or(Refused::Share { option, share, min, max })
        };
        time("fresh_for", self.fresh_for, min)?;
        time("kept_for", self.kept_for, self.fresh_for)?;
        time("hard_timeout", self.hard_timeout, min)?;
        time("throttle", self.throttle, min)?;
        time("negative_for", self.negative_for, Duration::ZERO)?;
        self.soft_timeout.map_or(Ok(()), |soft| time("soft_timeout", soft, min))?;
        self.node_lock.map_or(Ok(()), |wait| time("node_lock", wait, min))?;
        share("jitter", self.jitter, 0.0, 0.5)?;
        self.eager_after.map_or(Ok(()), |after| share("eager_after", after, 0.1, 1.0))?;
        check_tags(&self.tags, Self::MAX_TAGS)
    }

    /// The tags of an entry that holds `value`.
    pub(super) fn tags_of(&self, value: Option<&V>) -> Result<Vec<String>, Refused> {
        let mut tags = value.map_or_else(Vec::new, self.tagged_by);
        tags.extend(self.tags.iter().cloned());
        check_tags(&tags, Self::MAX_TAGS)?;
        Ok(tags)
    }
}

fn check_tags(tags: &[String], max: usize) -> Result<(), Refused> {
    if tags.len() > max {
        return Err(Refused::TooManyTags { tags: tags.len(), max });
    }
    tags.iter().try_for_each(|tag| check_tag(tag))
}

/// Whether entries can carry this tag.
pub(super) fn check_tag(tag: &str) -> Result<(), Refused> {
    check_text("tag", tag, EntryOptions::<()>::MAX_TAG_BYTES)
}

impl<V> Clone for EntryOptions<V> {
    fn clone(&self) -> Self {
        Self { tags: self.tags.clone(), ..*self }
    }
}

impl<V> fmt::Debug for EntryOptions<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryOptions")
            .field("fresh_for", &self.fresh_for)
            .field("kept_for", &self.kept_for)
            .field("levels", &self.levels)
            .field("tags", &self.tags)
            .finish_non_exhaustive()
    }
}
