use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use super::tags::Stamp;

/// What a load brought: a value, nothing, or a failure that all who waited for it share.
pub(super) type Outcome<V, E> = Result<Option<Arc<V>>, Arc<E>>;

/// The loads under way: all who miss the same key at the same time wait for one of them.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<FlightKey, Listed>>);

/// The key, and the types of what is loaded: who expects another type shares no load.
type FlightKey = (TypeId, Box<str>);

/// A flight that may still be boarded.
struct Listed {
    flight: Arc<dyn Any + Send + Sync>,
    passengers: usize,
}

/// One load, and who waits for it.
pub(super) struct Flight<V, E> {
    /// When it began, and what may outdate its outcome.
    pub(super) stamp: Stamp,
    /// Written once, by the first of those who wait; where that one is cancelled, by the next.
    pub(super) outcome: OnceCell<Outcome<V, E>>,
}

/// A passenger's place: dropped, it takes a flight off the table that has landed or that nobody waits for any more.
pub(super) struct Seat<'a, V, E> {
    flights: &'a Flights,
    key: FlightKey,
    pub(super) flight: Arc<Flight<V, E>>,
}

impl Flights {
    /// A place in the flight for `key` that brings an `Expected`: the one under way unless `is_outdated`, else a new one
    /// that begins at `stamp`.
    pub(super) fn board<Expected, V, E>(
        &self,
        key: &str,
        stamp: Stamp,
        is_outdated: impl Fn(&Stamp) -> bool,
    ) -> Seat<'_, V, E>
    where
        Expected: 'static,
        V: Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        let key = (TypeId::of::<(Expected, V, E)>(), key.into());
        let mut table = self.table();
        if let Some(listed) = table.get_mut(&key)
            && let Ok(flight) = Arc::clone(&listed.flight).downcast::<Flight<V, E>>()
            && !is_outdated(&flight.stamp)
        {
            listed.passengers += 1;
            return Seat { flights: self, key, flight };
        }
        let flight = Arc::new(Flight { stamp, outcome: OnceCell::new() });
        table.insert(key.clone(), Listed { flight: Arc::clone(&flight) as _, passengers: 1 });
        Seat { flights: self, key, flight }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<FlightKey, Listed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V, E> Drop for Seat<'_, V, E> {
    fn drop(&mut self) {
        let mut table = self.flights.table();
        let Some(listed) = table.get_mut(&self.key) else {
            return;
        };
        if !std::ptr::addr_eq(Arc::as_ptr(&listed.flight), Arc::as_ptr(&self.flight)) {
            return;
        }
        listed.passengers -= 1;
        if listed.passengers == 0 || self.flight.outcome.initialized() {
            table.remove(&self.key);
        }
    }
}
