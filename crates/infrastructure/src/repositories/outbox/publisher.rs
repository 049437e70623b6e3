use adstead_domain::DomainEvent;
use adstead_domain::port::Interest;
use sea_orm::{DatabaseTransaction, EntityTrait};
use tokio::sync::watch;

use super::super::entity::outbox::{Entity, message};
use crate::database::DatabaseError;

/// Puts events into the outbox, in the transactions of the changes that they tell of.
pub(in crate::repositories) struct Publisher {
    interests: Vec<Interest>,
    /// Tells those who deliver on this node that there is something to do; on others they look by themselves.
    wakes: watch::Sender<()>,
}

impl Publisher {
    /// Messages of one statement: well inside SQLite's 32,766 variables.
    const CHUNK: usize = 500;

    pub(in crate::repositories) fn to(interests: Vec<Interest>) -> Self {
        Self { interests, wakes: watch::Sender::new(()) }
    }

    pub(in crate::repositories) fn wakes(&self) -> watch::Receiver<()> {
        self.wakes.subscribe()
    }

    /// Stores a message for each of the events and those who want it, in the order of the events.
    pub(in crate::repositories) async fn publish<'a>(
        &self,
        tx: &DatabaseTransaction,
        events: impl IntoIterator<Item = &'a DomainEvent>,
    ) -> Result<(), DatabaseError> {
        let mut messages = Vec::new();
        for event in events {
            let name = event.occurrence.name();
            let meant = self.interests.iter().filter(|interest| interest.names.contains(&name));
            messages.extend(meant.map(|interest| message(&interest.subscriber, event)));
        }
        for chunk in messages.chunks(Self::CHUNK) {
            Entity::insert_many(chunk.iter().cloned()).exec_without_returning(tx).await?;
        }
        Ok(())
    }

    /// Says that events were committed.
    pub(in crate::repositories) fn committed<'a>(&self, events: impl IntoIterator<Item = &'a DomainEvent>) {
        if events.into_iter().next().is_some() {
            self.wakes.send_replace(());
        }
    }
}
