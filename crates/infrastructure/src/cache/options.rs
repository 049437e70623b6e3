use std::time::Duration;

/// How entries that hold a `V` are kept.
#[derive(Debug, Clone)]
pub struct EntryOptions<V> {
    /// How long the entry is served; zero keeps nothing.
    pub ttl: Duration,
    /// What the entry is about: [`invalidate_tag`](super::CacheManager::invalidate_tag) of any of these ends it.
    pub tags: Vec<String>,
    /// What a value takes in memory, in bytes, for the bound on the whole cache. An estimate is enough.
    pub weigh: fn(&V) -> u32,
}

impl<V> EntryOptions<V> {
    /// The weight of a value of which nothing better is said: an entity with a few lines of text.
    pub const DEFAULT_WEIGHT: u32 = 1024;

    /// An entry without tags that is served for `ttl`.
    pub const fn new(ttl: Duration) -> Self {
        Self { ttl, tags: Vec::new(), weigh: |_| Self::DEFAULT_WEIGHT }
    }

    /// The same options with one more tag.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// The same options for values that take as many bytes in memory as `weigh` says; it is asked once a value is there.
    #[must_use]
    pub fn weighing(mut self, weigh: fn(&V) -> u32) -> Self {
        self.weigh = weigh;
        self
    }
}
