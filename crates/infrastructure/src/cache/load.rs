//! Asking for what may not be there: all who ask meanwhile wait for one flight, with something old in hand where there is.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::LoadError;
use super::entries::{InMemory, Stale, check_key};
use super::flight::{Boarding, Outcome};
use super::fly::Wanted;
use super::handle::Cache;
use super::tags::{Stamp, watched};
use crate::resilience::Deadline;

impl<V> Cache<V>
where
    V: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// The value under `key`, or what `load` brings, which is then kept.
    ///
    /// All who miss the same key meanwhile wait for the one load and share its outcome, failure included; a failure is not
    /// kept. The load runs in a task of its own: who is cancelled cancels nothing. Who comes after an invalidation never
    /// gets the outcome of a load that began before it.
    ///
    /// # Errors
    /// What `load` failed with, or that it was given up, where there is no old value to serve instead;
    /// [`LoadError::during`] makes it the error of a port.
    pub async fn get_or_load<E, F, Load>(&self, key: &str, load: F) -> Result<Arc<V>, LoadError<E>>
    where
        E: fmt::Display + Send + Sync + 'static,
        F: FnOnce() -> Load + Send + 'static,
        Load: Future<Output = Result<V, E>> + Send + 'static,
    {
        let found = self.in_memory(key);
        if let InMemory::Fresh { value: Some(value), is_due: false } = found {
            return Ok(value);
        }
        let load = move || async move { load().await.map(Some) };
        let value = Box::pin(self.resolve::<V, E, _, _>(key, found, false, load)).await?;
        Ok(value.expect("a load that expects a `V` shares no flight with one that may find nothing"))
    }

    /// As [`get_or_load`](Self::get_or_load), for a look-up that may find nothing. That is told to all who waited, and
    /// remembered as [`negative_for`](super::EntryOptions::negative_for) says.
    ///
    /// # Errors
    /// As [`get_or_load`](Self::get_or_load).
    pub async fn get_or_load_optional<E, F, Load>(
        &self,
        key: &str,
        load: F,
    ) -> Result<Option<Arc<V>>, LoadError<E>>
    where
        E: fmt::Display + Send + Sync + 'static,
        F: FnOnce() -> Load + Send + 'static,
        Load: Future<Output = Result<Option<V>, E>> + Send + 'static,
    {
        let found = self.in_memory(key);
        if let InMemory::Fresh { value, is_due: false } = found {
            return Ok(value);
        }
        Box::pin(self.resolve::<Option<V>, E, _, _>(key, found, true, load)).await
    }

    /// The values under `keys`, in their order. All that is missing is loaded at once: `load` is given those keys, and
    /// answers what it found by key.
    ///
    /// # Errors
    /// As [`get_or_load`](Self::get_or_load), where a value is missing then.
    pub async fn get_or_load_many<E, F, Load>(
        &self,
        keys: &[&str],
        load: F,
    ) -> Result<Vec<Option<Arc<V>>>, LoadError<E>>
    where
        E: fmt::Display + Send + Sync + 'static,
        F: FnOnce(Vec<String>) -> Load + Clone + Send + 'static,
        Load: Future<Output = Result<HashMap<String, V>, E>> + Send + 'static,
    {
        let mut brought: HashMap<&str, Option<Arc<V>>> = HashMap::new();
        while brought.len() < keys.len() {
            let missing: Vec<_> = keys.iter().copied().filter(|key| !brought.contains_key(key)).collect();
            if missing.is_empty() {
                break;
            }
            self.bring_many(&missing, load.clone(), &mut brought).await?;
        }
        Ok(keys.iter().map(|key| brought.get(key).cloned().flatten()).collect())
    }

    /// Finds or loads keys; those that landed outdated are not brought.
    async fn bring_many<'k, E, F, Load>(
        &self,
        keys: &[&'k str],
        load: F,
        brought: &mut HashMap<&'k str, Option<Arc<V>>>,
    ) -> Result<(), LoadError<E>>
    where
        E: fmt::Display + Send + Sync + 'static,
        F: FnOnce(Vec<String>) -> Load + Send + 'static,
        Load: Future<Output = Result<HashMap<String, V>, E>> + Send + 'static,
    {
        let arrived = self.core.tags.now();
        let mut wanted = Vec::new();
        let mut awaited: HashMap<&str, _> = HashMap::new();
        for &key in keys {
            if awaited.contains_key(key) {
                continue;
            }
            let stale = match self.in_memory(key) {
                InMemory::Fresh { value, .. } => {
                    brought.insert(key, value);
                    continue;
                }
                InMemory::Stale(stale) => Some(*stale),
                InMemory::Nothing => None,
            };
            let flight = match self.board::<Option<V>, E>(key, arrived) {
                Boarding::Follow(flight) => {
                    self.counters().waits.count();
                    flight
                }
                Boarding::Lead(lead) => {
                    let flight = Arc::clone(&lead.flight);
                    wanted.push(Wanted { lead, stale, seen: None, is_eager: false });
                    flight
                }
            };
            awaited.insert(key, flight);
        }
        if !wanted.is_empty() {
            let load = |keys: Vec<String>| async move {
                let mut found = load(keys.clone()).await?;
                Ok(keys.iter().map(|key| found.remove(key)).collect())
            };
            self.take_off(wanted, true, load);
        }
        for (key, flight) in awaited {
            let outdated = |stamp: &Stamp| self.core.was_outdated(self.key(key), stamp, arrived);
            if let Some(outcome) = flight.arrival(outdated).await {
                brought.insert(key, outcome?);
            }
        }
        Ok(())
    }

    async fn resolve<Expected, E, F, Load>(
        &self,
        key: &str,
        found: InMemory<V>,
        may_be_absent: bool,
        load: F,
    ) -> Outcome<V, E>
    where
        Expected: 'static,
        E: fmt::Display + Send + Sync + 'static,
        F: FnOnce() -> Load + Send + 'static,
        Load: Future<Output = Result<Option<V>, E>> + Send + 'static,
    {
        if !self.core.enabled || check_key(key).is_err() {
            if self.core.enabled {
                self.core.refusals.count();
            }
            return self.timed(load()).await.map(|value| value.map(Arc::new));
        }
        let (mut stale, due) = match found {
            InMemory::Fresh { value, is_due: true } if may_be_absent || value.is_some() => {
                (None, Some(value))
            }
            InMemory::Stale(stale) if may_be_absent || stale.value.is_some() => (Some(*stale), None),
            InMemory::Fresh { .. } | InMemory::Stale(_) | InMemory::Nothing => (None, None),
        };
        let begun = self.core.tags.now();
        let mut load = Some(load);
        loop {
            let old = stale.as_ref().filter(|stale| self.is_servable(key, stale));
            let old = old.map(|stale| stale.value.clone());
            let (flight, is_ours) = match self.board::<Expected, E>(key, begun) {
                Boarding::Follow(flight) => (flight, false),
                Boarding::Lead(lead) => {
                    let flight = Arc::clone(&lead.flight);
                    let wanted = Wanted { lead, stale: stale.take(), seen: None, is_eager: due.is_some() };
                    let load =
                        load.take().expect("who leads gets what its own load brings, and asks no further");
                    let load = move |_| async move { load().await.map(|value| vec![value]) };
                    self.take_off(vec![wanted], may_be_absent, load);
                    (flight, true)
                }
            };
            if let Some(value) = due {
                return Ok(value);
            }
            if !is_ours {
                self.counters().waits.count();
            }
            // Nothing is outdated for who leads.
            let outdated = |stamp: &Stamp| !is_ours && self.core.was_outdated(self.key(key), stamp, begun);
            let arrival = flight.arrival(outdated);
            let landed = match self.options.soft_timeout.filter(|_| old.is_some()) {
                Some(soft) => timeout(soft, arrival).await.ok(),
                None => Some(arrival.await),
            };
            match (landed, old) {
                (Some(Some(Ok(value))), _) => return Ok(value),
                (Some(Some(Err(_))) | None, Some(old)) => {
                    self.count_stale();
                    return Ok(old);
                }
                (Some(Some(Err(error))), None) => return Err(error),
                (Some(None) | None, _) => {}
            }
        }
    }

    fn board<Expected: 'static, E: Send + Sync + 'static>(&self, key: &str, now: u64) -> Boarding<V, E> {
        let watched = watched(&self.name, key, &self.options.tags);
        let comes_late = |begun: u64| {
            self.core.is_overwritten(self.key(key), begun)
                || self.core.tags.is_outdated(&Stamp::new(begun, &watched))
        };
        self.core.flights.board::<Expected, V, E>(self.key(key), now, comes_late)
    }

    pub(super) fn is_servable(&self, key: &str, stale: &Stale<V>) -> bool {
        !self.core.tags.is_outdated(&stale.stamp)
            && !self.core.is_overwritten(self.key(key), stale.stamp.sequence)
    }

    pub(super) fn count_stale(&self) {
        let counters = self.counters();
        if self.memory().is_some() { counters.memory.stale.count() } else { counters.redis.stale.count() }
    }

    /// Runs a load within its time, and counts it.
    pub(super) async fn timed<T, E>(
        &self,
        load: impl Future<Output = Result<T, E>>,
    ) -> Result<T, LoadError<E>> {
        let counters = self.counters();
        let hard = self.options.hard_timeout;
        counters.loads.count();
        let start = Instant::now();
        let outcome = timeout(hard, Deadline::after(hard).scope(load)).await;
        counters.load_time.add(start.elapsed());
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                counters.load_failures.count();
                Err(LoadError::Failed(Arc::new(error)))
            }
            Err(_) => {
                counters.load_timeouts.count();
                Err(LoadError::TimedOut(hard))
            }
        }
    }
}
