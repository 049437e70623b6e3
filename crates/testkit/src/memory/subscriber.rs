use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use adstead_domain::port::{EventSubscriber, PortError};
use adstead_domain::{DomainEvent, OccurrenceName, OccurrencePattern};
use async_trait::async_trait;

use crate::build;

/// Notes what it is told, and fails as it is asked to.
#[derive(Debug)]
pub struct MemorySubscriber {
    name: String,
    most_at_once: usize,
    wanted: OccurrencePattern,
    told: Mutex<Vec<DomainEvent>>,
    failures: Mutex<VecDeque<PortError>>,
}

impl MemorySubscriber {
    /// A subscriber of that name which takes everything, one event after the other.
    pub fn new(name: &str) -> Self {
        Self::of_batches(name, 1)
    }

    /// A subscriber of that name which takes everything, so many events at once.
    pub fn of_batches(name: &str, most_at_once: usize) -> Self {
        let (wanted, told, failures) = (build::parsed("*"), Mutex::default(), Mutex::default());
        Self { name: name.to_owned(), most_at_once, wanted, told, failures }
    }

    /// This subscriber, who wants to be told of nothing else.
    #[must_use]
    pub fn wanting(self, wanted: OccurrencePattern) -> Self {
        Self { wanted, ..self }
    }

    /// The next delivery that is not already bound to fail fails with this.
    pub fn fail(&self, error: PortError) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push_back(error);
    }

    /// What it took, in its order.
    pub fn told(&self) -> Vec<DomainEvent> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl EventSubscriber for MemorySubscriber {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants(&self, name: OccurrenceName) -> bool {
        self.wanted.matches(name)
    }

    fn most_at_once(&self) -> usize {
        self.most_at_once
    }

    async fn deliver(&self, events: &[&DomainEvent]) -> Result<(), PortError> {
        if let Some(error) = self.failures.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
            return Err(error);
        }
        self.told.lock().unwrap_or_else(PoisonError::into_inner).extend(events.iter().copied().cloned());
        Ok(())
    }
}
