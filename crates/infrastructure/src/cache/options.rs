use std::time::Duration;

/// How one entry is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryOptions {
    /// How long the entry is served; zero keeps nothing.
    pub ttl: Duration,
    /// What the entry is about: [`invalidate_tag`](super::CacheManager::invalidate_tag) of any of these ends it.
    pub tags: Vec<String>,
    /// What the value takes in memory, in bytes, for the bound on the whole cache. An estimate is enough.
    pub weight: u32,
}

impl EntryOptions {
    /// The weight of a value of which nothing better is said: an entity with a few lines of text.
    pub const DEFAULT_WEIGHT: u32 = 1024;

    /// An entry without tags that is served for `ttl`.
    pub const fn new(ttl: Duration) -> Self {
        Self { ttl, tags: Vec::new(), weight: Self::DEFAULT_WEIGHT }
    }

    /// The same options with one more tag.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// The same options for a value that takes about `bytes` in memory.
    #[must_use]
    pub fn weighing(mut self, bytes: u32) -> Self {
        self.weight = bytes;
        self
    }
}
