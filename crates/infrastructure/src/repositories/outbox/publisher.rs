use std::collections::BTreeSet;

use adstead_domain::DomainEvent;
use sea_orm::{DatabaseTransaction, EntityTrait};
use tokio::sync::watch;

use super::super::entity::outbox::{Entity, message};
use crate::database::DatabaseError;

/// Puts events into the outbox, in the transactions of the changes that they tell of.
pub(in crate::repositories) struct Publisher {
    subscribers: BTreeSet<String>,
    /// Tells those who deliver on this node that there is something to do; on others they look by themselves.
    wakes: watch::Sender<()>,
}

impl Publisher {
    /// Messages of one statement: well inside SQLite's 32,766 variables.
    const CHUNK: usize = 500;

    pub(in crate::repositories) fn to(subscribers: BTreeSet<String>) -> Self {
        Self { subscribers, wakes: watch::Sender::new(()) }
    }

    pub(in crate::repositories) fn wakes(&self) -> watch::Receiver<()> {
        self.wakes.subscribe()
    }

    /// Stores a message for each of the events and subscribers, in the order of the events.
    pub(in crate::repositories) async fn publish(
        &self,
        tx: &DatabaseTransaction,
        events: &[DomainEvent],
    ) -> Result<(), DatabaseError> {
        let messages =
            events.iter().flat_map(|event| self.subscribers.iter().map(move |to| message(to, event)));
        let messages: Vec<_> = messages.collect();
        for chunk in messages.chunks(Self::CHUNK) {
            Entity::insert_many(chunk.iter().cloned()).exec_without_returning(tx).await?;
        }
        Ok(())
    }

    /// Says that events were committed.
    pub(in crate::repositories) fn committed(&self, events: &[DomainEvent]) {
        if !events.is_empty() {
            self.wakes.send_replace(());
        }
    }
}
