use std::any::{TypeId, type_name};
use std::sync::{PoisonError, RwLock};

use super::{Levels, Refused};

/// The most named caches that a manager can have: what they count stands in one array.
pub(super) const MAX_CACHES: usize = 64;

/// Which of a manager's caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CacheId(u8);

impl CacheId {
    #[inline]
    pub(super) fn index(self) -> usize {
        usize::from(self.0) % MAX_CACHES
    }
}

/// The caches that a manager has, by name.
#[derive(Default)]
pub(super) struct Names(RwLock<Vec<Named>>);

struct Named {
    name: Box<str>,
    holds: TypeId,
    levels: Levels,
}

impl Names {
    /// The cache of that name for values of type `V`; a new one, on these levels, where there is none.
    pub(super) fn register<V: 'static>(&self, name: &str, levels: Levels) -> Result<CacheId, Refused> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 32 || !name.chars().all(is_plain) {
            return Err(Refused::Name { name: name.to_owned() });
        }
        let mut caches = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = caches.iter().position(|cache| *cache.name == *name) {
            let is_same = caches[index].holds == TypeId::of::<V>();
            return is_same
                .then_some(CacheId(index as u8))
                .ok_or_else(|| Refused::NameTaken { name: name.to_owned() });
        }
        if caches.len() == MAX_CACHES {
            return Err(Refused::TooManyCaches { max: MAX_CACHES });
        }
        tracing::trace!(cache = name, holds = type_name::<V>(), "a cache was named");
        caches.push(Named { name: name.into(), holds: TypeId::of::<V>(), levels });
        Ok(CacheId((caches.len() - 1) as u8))
    }

    /// The cache of that name.
    pub(super) fn find(&self, name: &str) -> Option<CacheId> {
        let caches = self.0.read().unwrap_or_else(PoisonError::into_inner);
        caches.iter().position(|cache| *cache.name == *name).map(|index| CacheId(index as u8))
    }

    /// All of them, with the levels that they were first asked for on.
    pub(super) fn all(&self) -> Vec<(CacheId, Box<str>, Levels)> {
        let caches = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let numbered = caches.iter().enumerate();
        numbered.map(|(index, cache)| (CacheId(index as u8), cache.name.clone(), cache.levels)).collect()
    }
}
