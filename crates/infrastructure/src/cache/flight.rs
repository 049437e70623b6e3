use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::LoadError;
use super::memory::{Key, KeyRef};
use super::tags::Stamp;

/// What a load brought: a value, nothing, or a failure that all who waited for it share.
pub(super) type Outcome<V, E> = Result<Option<Arc<V>>, LoadError<E>>;

/// The loads under way: all who miss the same key at the same time wait for one of them.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<FlightKey, Arc<dyn Any + Send + Sync>>>);

/// The key, and the types of what is loaded: who expects another type shares no load.
type FlightKey = (TypeId, Key);

/// One load.
pub(super) struct Flight<V, E> {
    /// The number that stood when it began.
    begun: u64,
    progress: watch::Sender<Progress<V, E>>,
}

/// How far a load has come.
enum Progress<V, E> {
    /// It runs.
    Underway,
    /// It runs on, but who waited got an old value.
    Overdue(Landing<V, E>),
    /// It ended.
    Landed(Landing<V, E>),
    /// It panicked, or the runtime is shutting down.
    Crashed { panicked: bool },
}

/// How a load ended, and what may outdate that.
pub(super) struct Landing<V, E> {
    pub(super) outcome: Outcome<V, E>,
    pub(super) stamp: Stamp,
}

/// A place in a flight.
pub(super) enum Boarding<V: Send + Sync + 'static, E: Send + Sync + 'static> {
    /// Whoever holds it is to load.
    Lead(Lead<V, E>),
    /// Somebody else loads.
    Follow(Arc<Flight<V, E>>),
}

/// The duty to load; dropped, it takes the flight off the table.
pub(super) struct Lead<V: Send + Sync + 'static, E: Send + Sync + 'static> {
    flights: Arc<Flights>,
    key: FlightKey,
    pub(super) flight: Arc<Flight<V, E>>,
}

impl Flights {
    /// A place in the flight for `key` that brings an `Expected`: the one under way unless what it brings would be outdated,
    /// by what `is_outdated` says of the number at which it began; else a new one that begins at `now`.
    pub(super) fn board<Expected, V, E>(
        self: &Arc<Self>,
        key: KeyRef<'_>,
        now: u64,
        is_outdated: impl Fn(u64) -> bool,
    ) -> Boarding<V, E>
    where
        Expected: 'static,
        V: Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        let key = (TypeId::of::<(Expected, V, E)>(), key.to_owned());
        let mut table = self.table();
        if let Some(flight) = table.get(&key)
            && let Ok(flight) = Arc::clone(flight).downcast::<Flight<V, E>>()
            && !is_outdated(flight.begun)
        {
            return Boarding::Follow(flight);
        }
        let flight = Arc::new(Flight { begun: now, progress: watch::Sender::new(Progress::Underway) });
        table.insert(key.clone(), Arc::clone(&flight) as _);
        Boarding::Lead(Lead { flights: Arc::clone(self), key, flight })
    }

    fn table(&self) -> MutexGuard<'_, HashMap<FlightKey, Arc<dyn Any + Send + Sync>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V, E> Flight<V, E> {
    /// What those who wait get; nothing where it landed with what was outdated meanwhile, as `is_outdated` says of its
    /// stamp.
    ///
    /// # Panics
    /// Where the load panicked.
    pub(super) async fn arrival(&self, is_outdated: impl Fn(&Stamp) -> bool) -> Option<Outcome<V, E>> {
        let mut progress = self.progress.subscribe();
        let is_over = |progress: &Progress<V, E>| match progress {
            Progress::Underway => false,
            Progress::Overdue(old) => !is_outdated(&old.stamp),
            Progress::Landed(_) | Progress::Crashed { .. } => true,
        };
        progress.wait_for(is_over).await.expect("its sender is in this very flight");
        let arrived = match &*progress.borrow() {
            Progress::Landed(landing) if is_outdated(&landing.stamp) => Some(None),
            Progress::Landed(landing) => Some(Some(landing.outcome.clone())),
            Progress::Overdue(old) => Some(Some(old.outcome.clone())),
            Progress::Crashed { panicked: true } => panic!("the load that this caller waited for panicked"),
            Progress::Underway | Progress::Crashed { panicked: false } => None,
        };
        match arrived {
            Some(arrived) => arrived,
            // The runtime is shutting down, and drops this caller next.
            None => std::future::pending().await,
        }
    }
}

impl<V: Send + Sync + 'static, E: Send + Sync + 'static> Lead<V, E> {
    /// The key that is to be loaded.
    pub(super) fn key(&self) -> &str {
        &self.key.1.key
    }

    /// The number that stood when the flight began.
    pub(super) fn begun(&self) -> u64 {
        self.flight.begun
    }

    /// Gives those who wait an old value, unless it is outdated for them; the load goes on.
    pub(super) fn overdue(&self, value: Option<Arc<V>>, stamp: Stamp) {
        self.flight.progress.send_replace(Progress::Overdue(Landing { outcome: Ok(value), stamp }));
    }

    /// Ends the flight.
    pub(super) fn land(self, outcome: Outcome<V, E>, stamp: Stamp) {
        // Off the table first: who comes now finds what was kept, or begins anew.
        self.take_off_the_table();
        self.flight.progress.send_replace(Progress::Landed(Landing { outcome, stamp }));
    }

    fn take_off_the_table(&self) {
        let mut table = self.flights.table();
        let is_ours = |listed: &Arc<dyn Any + Send + Sync>| {
            std::ptr::addr_eq(Arc::as_ptr(listed), Arc::as_ptr(&self.flight))
        };
        if table.get(&self.key).is_some_and(is_ours) {
            table.remove(&self.key);
        }
    }
}

impl<V: Send + Sync + 'static, E: Send + Sync + 'static> Drop for Lead<V, E> {
    fn drop(&mut self) {
        self.take_off_the_table();
        self.flight.progress.send_if_modified(|progress| {
            let has_ended = matches!(progress, Progress::Landed(_));
            if !has_ended {
                *progress = Progress::Crashed { panicked: std::thread::panicking() };
            }
            !has_ended
        });
    }
}
