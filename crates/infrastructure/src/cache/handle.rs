use std::fmt;
use std::sync::Arc;

use futures::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use super::core::Core;
use super::entries::{InMemory, InRedis, Value, check_key};
use super::memory::MemoryCacheStrategy;
use super::named::CacheId;
use super::options::Levels;
use super::redis::Write;
use super::tags::{Stamp, watched};
use super::{EntryOptions, Refused};

/// Commands of one call that are under way at once.
const AT_ONCE: usize = 64;

/// One of a manager's caches: values of type `V` under string keys. A clone is the same cache.
///
/// - A value is served until its time is over, its key is deleted or set anew, or one of its tags is invalidated,
///   whichever comes first. An invalidation also reaches loads under way: what was read before it is never kept after it.
/// - Concurrent misses of one key run one load ([`get_or_load`](Self::get_or_load)).
/// - Nothing here fails for want of Redis: a cache that cannot serve is a miss.
pub struct Cache<V> {
    pub(super) core: Arc<Core>,
    pub(super) id: CacheId,
    pub(super) name: Arc<str>,
    pub(super) options: Arc<EntryOptions<V>>,
}

impl<V> Cache<V>
where
    V: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// The same cache with other options for its entries, such as the tags of this one call.
    ///
    /// # Errors
    /// An option out of range.
    pub fn with(&self, change: impl FnOnce(EntryOptions<V>) -> EntryOptions<V>) -> Result<Self, Refused> {
        let options = change(EntryOptions::clone(&self.options));
        options.check()?;
        Ok(Self { options: Arc::new(options), ..self.clone() })
    }

    /// The value under `key`, where it is kept and fresh.
    #[inline]
    pub async fn get(&self, key: &str) -> Option<Arc<V>> {
        match self.in_memory(key) {
            InMemory::Fresh { value, .. } => value,
            InMemory::Stale(_) | InMemory::Nothing if self.redis().is_none() => None,
            InMemory::Stale(_) | InMemory::Nothing => {
                Box::pin(self.get_from_redis(&[key])).await.pop().flatten().flatten()
            }
        }
    }

    /// The values under `keys`, in their order; for all that is not in memory, Redis is asked at once.
    pub async fn get_many(&self, keys: &[&str]) -> Vec<Option<Arc<V>>> {
        let mut found: Vec<_> = keys.iter().map(|key| self.in_memory(key).fresh()).collect();
        if self.redis().is_some() {
            let missing: Vec<_> = (0..keys.len()).filter(|&index| found[index].is_none()).collect();
            let asked: Vec<_> = missing.iter().map(|&index| keys[index]).collect();
            let values = self.get_from_redis(&asked).await;
            missing.into_iter().zip(values).for_each(|(index, value)| found[index] = value);
        }
        found.into_iter().map(Option::flatten).collect()
    }

    /// Keeps `value` under `key`, in the place of what was there and of what loads under way will bring. Other nodes drop
    /// what they have.
    ///
    /// It is for values just written. What was read from elsewhere belongs into [`get_or_load`](Self::get_or_load),
    /// which knows when the reading began.
    ///
    /// # Errors
    /// A key, value or tags that cannot be kept; nothing is changed then.
    pub async fn set(&self, key: &str, value: Arc<V>) -> Result<(), Refused> {
        self.counters().writes.count();
        let outcome = self.try_set(key, value).await;
        if outcome.is_err() {
            self.core.refusals.count();
        }
        outcome
    }

    /// [`set`](Self::set) for each of them.
    ///
    /// # Errors
    /// The first that cannot be kept; all others are.
    pub async fn set_many(&self, values: impl IntoIterator<Item = (String, Arc<V>)>) -> Result<(), Refused> {
        let writes: Vec<_> = values.into_iter().collect();
        let writes = writes.iter().map(|(key, value)| self.set(key, Arc::clone(value)));
        let outcomes: Vec<_> = futures::stream::iter(writes).buffered(AT_ONCE).collect().await;
        outcomes.into_iter().collect()
    }

    /// Forgets `key`, here and on all nodes, also where a load of it is under way.
    pub async fn delete(&self, key: &str) {
        self.counters().writes.count();
        if check_key(key).is_err() {
            // Nothing can be kept under it.
            return;
        }
        let number = self.write_in_memory(key, MemoryCacheStrategy::delete);
        let remembered_for = self.remembered_for();
        let write = match self.options.levels {
            Levels::Memory => Write::Announce { remembered_for },
            Levels::All | Levels::Redis => Write::Delete { remembered_for },
        };
        self.pass_on(key, write, number, None).await;
    }

    /// [`delete`](Self::delete) for each of them.
    pub async fn delete_many(&self, keys: &[String]) {
        let deletions: Vec<_> = keys.iter().map(|key| self.delete(key)).collect();
        futures::stream::iter(deletions).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }

    async fn try_set(&self, key: &str, value: Arc<V>) -> Result<(), Refused> {
        check_key(key)?;
        let tags = self.options.tags_of(Some(&value))?;
        let weight = self.weight(Some(&value))?;
        let watched = watched(&self.name, key, &tags);
        let kept = self.lifetime();
        // Sealed before anything is changed, since it may be refused.
        let entry = match self.redis() {
            Some(_) => self.seal(key, Some(&*value), &kept, self.core.tags.now(), &watched)?,
            None => None,
        };
        let number = self.write_in_memory(key, |memory, key| {
            let stamp = Stamp::new(self.core.tags.now(), &watched);
            memory.set(key, self.entry(Some(Arc::clone(&value)), &kept, stamp, weight));
        });
        let remembered_for = self.remembered_for();
        let write = match (self.options.levels, entry) {
            (Levels::Memory, _) => Write::Announce { remembered_for },
            (Levels::All | Levels::Redis, Some(entry)) => {
                Write::Set { entry, kept_for: kept.kept_for, remembered_for }
            }
            // Something that it depends on was invalidated meanwhile.
            (Levels::All | Levels::Redis, None) => Write::Delete { remembered_for },
        };
        self.pass_on(key, write, number, Some(value)).await;
        Ok(())
    }

    /// Takes a write on to Redis, where there is one. Who is cancelled meanwhile cancels nothing: memory has it already.
    async fn pass_on(&self, key: &str, write: Write, number: u64, value: Value<V>) {
        if self.core.redis.is_none() {
            return;
        }
        let (cache, key) = (self.clone(), key.to_owned());
        let passed_on = async move {
            let Some(redis) = &cache.core.redis else { return };
            redis.write(&cache.path(&key), write).await;
            cache.agree(&key, number, value.as_ref());
        };
        // It does not end only where the runtime does.
        let _ = tokio::spawn(passed_on.in_current_span()).await;
    }

    async fn get_from_redis(&self, keys: &[&str]) -> Vec<Option<Value<V>>> {
        let begun = self.core.tags.now();
        let found = self.in_redis(keys).await;
        let values = keys.iter().zip(found).map(|(key, found)| match found {
            InRedis::Fresh { value, kept, watched, seen: _ } => {
                self.keep(key, value.clone(), &kept, Stamp::new(begun, &watched));
                Some(value)
            }
            InRedis::Stale { .. } | InRedis::Nothing(_) => None,
        });
        values.collect()
    }
}

impl<V> Clone for Cache<V> {
    fn clone(&self) -> Self {
        let Self { core, id, name, options } = self;
        Self { core: Arc::clone(core), id: *id, name: Arc::clone(name), options: Arc::clone(options) }
    }
}

impl<V> fmt::Debug for Cache<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("name", &self.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
