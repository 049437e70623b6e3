//! What a flight does: it looks once more, takes its turn, loads, and brings what it found to memory, those who wait, and Redis.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use tracing::Instrument;

use super::LoadError;
use super::clock::nanos;
use super::entries::{InRedis, Lifetime, Stale, check_key};
use super::envelope::Seen;
use super::flight::Lead;
use super::handle::Cache;
use super::redis::{Locked, RedisCacheStrategy};
use super::tags::{Stamp, watched};

/// How often a node that waits for another's load looks whether it is there.
const GLANCE: Duration = Duration::from_millis(25);

/// One key that a flight is to bring.
pub(super) struct Wanted<V: Send + Sync + 'static, E: Send + Sync + 'static> {
    pub(super) lead: Lead<V, E>,
    /// What to serve where nothing better is to be had.
    pub(super) stale: Option<Stale<V>>,
    /// What Redis held when the flight began, where that is known.
    pub(super) seen: Option<Seen>,
    /// Whether what is there is still fresh, and only to be replaced in good time.
    pub(super) is_eager: bool,
}

impl<V> Cache<V>
where
    V: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// Sends a flight off, in a task of its own.
    pub(super) fn take_off<E, F, Load>(&self, wanted: Vec<Wanted<V, E>>, may_be_absent: bool, load: F)
    where
        E: fmt::Display + Send + Sync + 'static,
        F: FnOnce(Vec<String>) -> Load + Send + 'static,
        Load: Future<Output = Result<Vec<Option<V>>, E>> + Send + 'static,
    {
        let cache = self.clone();
        tokio::spawn(async move { cache.fly(wanted, may_be_absent, load).await }.in_current_span());
    }

    async fn fly<E, F, Load>(self, wanted: Vec<Wanted<V, E>>, may_be_absent: bool, load: F)
    where
        E: fmt::Display + Send + Sync + 'static,
        F: FnOnce(Vec<String>) -> Load + Send + 'static,
        Load: Future<Output = Result<Vec<Option<V>>, E>> + Send + 'static,
    {
        let wanted = self.look_again(wanted, may_be_absent).await;
        if wanted.is_empty() {
            return;
        }
        let Some((lock, wanted)) = self.take_turn(wanted, may_be_absent).await else {
            return;
        };
        let keys = wanted.iter().map(|wanted| wanted.lead.key().to_owned()).collect();
        let started = self.core.clock.now();
        let mut load = std::pin::pin!(self.timed(load(keys)));
        let all_have_something_old = wanted.iter().all(|wanted| wanted.stale.is_some());
        let loaded = match self.options.soft_timeout.filter(|_| all_have_something_old) {
            None => load.await,
            Some(soft) => match timeout(soft, &mut load).await {
                Ok(loaded) => loaded,
                Err(_) => {
                    wanted.iter().for_each(|wanted| self.serve_stale(wanted));
                    load.await
                }
            },
        };
        match loaded {
            Ok(values) => {
                let took = Duration::from_nanos(self.core.clock.now().saturating_sub(started));
                // All at once: each lands at its first step, and no key waits for what Redis is told of another.
                join_all(
                    wanted.into_iter().zip(values).map(|(wanted, value)| self.bring(wanted, value, took)),
                )
                .await;
            }
            Err(error) => wanted.into_iter().for_each(|wanted| self.fail(wanted, &error)),
        }
        if let Some((redis, path, token)) = lock.and_then(|(path, token)| Some((self.redis()?, path, token)))
        {
            redis.unlock(&path, token).await;
        }
    }

    /// Lands those of which somebody brought a fresh value meanwhile, here or on another node; answers the others.
    async fn look_again<E>(&self, wanted: Vec<Wanted<V, E>>, may_be_absent: bool) -> Vec<Wanted<V, E>>
    where
        E: Send + Sync + 'static,
    {
        let mut missing = Vec::new();
        for wanted in wanted {
            let landed = match self.memory().and_then(|memory| memory.get(self.key(wanted.lead.key()))) {
                Some(entry) if !wanted.is_eager && !self.core.tags.is_outdated(&entry.stamp) => {
                    (self.core.clock.now() < entry.fresh_until).then_some(entry)
                }
                Some(_) | None => None,
            };
            match landed {
                Some(entry) if may_be_absent || entry.value.is_some() => {
                    let value = entry.value.and_then(|value| value.downcast().ok());
                    wanted.lead.land(Ok(value), entry.stamp);
                }
                Some(_) | None => missing.push(wanted),
            }
        }
        self.ask_redis(missing, may_be_absent).await
    }

    async fn ask_redis<E>(&self, wanted: Vec<Wanted<V, E>>, may_be_absent: bool) -> Vec<Wanted<V, E>>
    where
        E: Send + Sync + 'static,
    {
        if self.redis().is_none() || wanted.is_empty() {
            return wanted;
        }
        let keys: Vec<_> = wanted.iter().map(|wanted| wanted.lead.key()).collect();
        let found = self.in_redis(&keys).await;
        let mut missing = Vec::new();
        for (mut wanted, found) in wanted.into_iter().zip(found) {
            let begun = wanted.lead.begun();
            match found {
                InRedis::Fresh { value, kept, watched, seen: _ }
                    if (may_be_absent || value.is_some()) && self.is_young_enough(&wanted, &kept) =>
                {
                    let stamp = Stamp::new(begun, &watched);
                    self.keep(wanted.lead.key(), value.clone(), &kept, stamp);
                    wanted.lead.land(Ok(value), stamp);
                    continue;
                }
                InRedis::Fresh { seen, .. } => wanted.seen = Some(seen),
                InRedis::Stale { value, kept_for, watched, seen } => {
                    wanted.seen = Some(seen);
                    if may_be_absent || value.is_some() {
                        wanted.stale = Some(Stale { value, kept_for, stamp: Stamp::new(begun, &watched) });
                    }
                }
                InRedis::Nothing(seen) => wanted.seen = seen,
            }
            missing.push(wanted);
        }
        missing
    }

    /// Whether what is in Redis spares a load: one that is to come before its time wants something newer.
    fn is_young_enough<E: Send + Sync>(&self, wanted: &Wanted<V, E>, kept: &Lifetime) -> bool {
        let share = self.options.eager_after.filter(|_| wanted.is_eager).unwrap_or(1.0);
        kept.fresh_for > self.options.fresh_for.mul_f64(1.0 - share)
    }

    /// Waits for this node's turn to load, where nodes take turns. Nothing where another node brought what was wanted.
    async fn take_turn<E>(
        &self,
        wanted: Vec<Wanted<V, E>>,
        may_be_absent: bool,
    ) -> Option<(Option<(String, String)>, Vec<Wanted<V, E>>)>
    where
        E: Send + Sync + 'static,
    {
        let (Some(wait), Some(redis), [one]) = (self.options.node_lock, self.redis(), &*wanted) else {
            return Some((None, wanted));
        };
        let path = self.path(one.lead.key());
        let started = Instant::now();
        let mut wanted = wanted;
        loop {
            // It ends by itself where this node dies: then with the longest load.
            match redis.lock(&path, self.options.hard_timeout).await {
                Locked::Ours { token } => {
                    // Whoever had it may have brought the value in the meantime.
                    let missing = self.ask_redis(wanted, may_be_absent).await;
                    if missing.is_empty() {
                        redis.unlock(&path, token).await;
                        return None;
                    }
                    return Some((Some((path, token)), missing));
                }
                Locked::Others if started.elapsed() < wait => {
                    tokio::time::sleep(GLANCE.min(wait)).await;
                    wanted = self.ask_redis(wanted, may_be_absent).await;
                    if wanted.is_empty() {
                        return None;
                    }
                }
                Locked::Others | Locked::Unknown => return Some((None, wanted)),
            }
        }
    }

    /// Keeps a loaded value, gives it to those who wait, and passes it on to Redis.
    async fn bring<E>(&self, wanted: Wanted<V, E>, value: Option<V>, took: Duration)
    where
        E: Send + Sync + 'static,
    {
        let Wanted { lead, stale: _, seen, is_eager: _ } = wanted;
        let (key, begun) = (lead.key().to_owned(), lead.begun());
        let value = value.map(Arc::new);
        let tags = self.options.tags_of(value.as_deref()).inspect_err(|refused| {
            self.core.refusals.count();
            tracing::warn!(cache = &*self.name, %refused, "a loaded value is not kept");
        });
        let watched = watched(&self.name, &key, tags.as_deref().unwrap_or_default());
        let stamp = Stamp::new(begun, &watched);
        let is_absent = value.is_none();
        // It is as old as its load is long.
        let kept = if is_absent { self.negative_lifetime() } else { self.lifetime() }.shortened_by(took);
        let is_key = check_key(&key).inspect_err(|_| self.core.refusals.count()).is_ok();
        let is_kept = is_key && tags.is_ok() && !kept.fresh_for.is_zero();
        if is_kept {
            self.keep(&key, value.clone(), &kept, stamp);
        } else if is_absent && let Some(memory) = self.memory() {
            memory.delete(self.key(&key));
        }
        let pass_on = async {
            let (Some(redis), Some(seen)) = (self.redis(), seen) else {
                return;
            };
            if is_kept {
                self.fill(redis, &key, value.as_deref(), &kept, (begun, &watched), seen).await;
            } else if is_absent && seen != Seen::NOTHING {
                redis.free(&self.path(&key), seen).await;
            }
        };
        // Where memory has it, nobody waits for Redis; where it has not, who comes now would load once more, or find an old
        // value that is about to be freed.
        if self.memory().is_some() && is_kept {
            lead.land(Ok(value.clone()), stamp);
            pass_on.await;
        } else {
            pass_on.await;
            lead.land(Ok(value.clone()), stamp);
        }
    }

    async fn fill(
        &self,
        redis: &RedisCacheStrategy,
        key: &str,
        value: Option<&V>,
        kept: &Lifetime,
        (begun, watched): (u64, &[u16]),
        seen: Seen,
    ) {
        match self.seal(key, value, kept, begun, watched) {
            Ok(Some(_)) if self.core.is_overwritten(self.key(key), begun) => {}
            Ok(Some(entry)) => redis.fill(&self.path(key), seen, entry, kept.kept_for).await,
            Ok(None) => {}
            Err(refused) => {
                self.core.refusals.count();
                tracing::debug!(cache = &*self.name, %refused, "a loaded value is not kept in Redis");
            }
        }
    }

    /// Gives those who wait the old value, and keeps it a little longer.
    fn serve_stale<E: Send + Sync>(&self, wanted: &Wanted<V, E>) {
        if let Some(stale) = wanted.stale.as_ref().filter(|stale| self.is_servable(wanted.lead.key(), stale))
        {
            self.count_stale();
            self.keep(wanted.lead.key(), stale.value.clone(), &self.throttled(stale.kept_for), stale.stamp);
            wanted.lead.overdue(stale.value.clone(), stale.stamp);
        }
    }

    /// Ends a flight that brought nothing: with the old value where there is one.
    fn fail<E>(&self, wanted: Wanted<V, E>, error: &LoadError<E>)
    where
        E: fmt::Display + Send + Sync + 'static,
    {
        let Wanted { lead, stale, seen: _, is_eager } = wanted;
        let key = lead.key().to_owned();
        let stale = stale.filter(|stale| self.is_servable(&key, stale));
        match stale {
            Some(Stale { value, kept_for, stamp }) => {
                tracing::warn!(cache = &*self.name, %error, "a load failed; the old value is served");
                self.count_stale();
                self.keep(&key, value.clone(), &self.throttled(kept_for), stamp);
                lead.land(Ok(value), stamp);
            }
            None => {
                if is_eager {
                    tracing::warn!(cache = &*self.name, %error, "a load before its time failed");
                    self.put_off(&key);
                }
                let stamp = Stamp::new(lead.begun(), &[]);
                lead.land(Err(error.clone()), stamp);
            }
        }
    }

    /// Lets a while pass before the next load that comes before its time.
    fn put_off(&self, key: &str) {
        let key = self.key(key);
        let _written = self.core.writes.lock(key);
        if let Some(memory) = self.memory()
            && let Some(mut entry) = memory.get(key)
        {
            entry.eager_from = self.core.clock.now().saturating_add(nanos(self.options.throttle));
            memory.set(key, entry);
        }
    }
}
