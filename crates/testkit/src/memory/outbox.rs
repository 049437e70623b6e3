use std::collections::{BTreeMap, BTreeSet};

use adstead_domain::port::{
    MessageClaim, MessageState, Outbox, OutboxEntry, OutboxMessage, OutboxSelection, PortError, Settlement,
};
use adstead_domain::{ClaimId, DomainEvent, MessageId};
use async_trait::async_trait;
use jiff::Timestamp;

use super::store::{MemoryStore, World};
use crate::contract::outbox::interests;

pub(super) struct MemoryOutbox(pub(super) MemoryStore);

/// A message and how it stands.
#[derive(Debug, Clone)]
pub(super) struct HeldMessage {
    subscriber: String,
    event: DomainEvent,
    attempts: u32,
    /// Nothing for a dead letter.
    due_at: Option<Timestamp>,
    claim: Option<ClaimId>,
    failure: Option<String>,
}

impl HeldMessage {
    fn is_due(&self, now: Timestamp) -> bool {
        self.due_at.is_some_and(|due_at| due_at <= now)
    }

    fn is_claimed(&self, now: Timestamp) -> bool {
        self.claim.is_some() && !self.is_due(now)
    }

    fn state(&self) -> MessageState {
        if self.due_at.is_some() { MessageState::Waiting } else { MessageState::Dead }
    }
}

impl World {
    /// Keeps the events for those who want them.
    pub(super) fn publish(&mut self, events: &[DomainEvent]) {
        let interests = interests();
        for event in events {
            let name = event.occurrence.name();
            for to in interests.iter().filter(|interest| interest.names.contains(&name)) {
                self.hold(&to.subscriber, event, event.occurred_at);
            }
        }
    }

    fn hold(&mut self, subscriber: &str, event: &DomainEvent, due_at: Timestamp) {
        self.messages += 1;
        let message = HeldMessage {
            subscriber: subscriber.to_owned(),
            event: event.clone(),
            attempts: 0,
            due_at: Some(due_at),
            claim: None,
            failure: None,
        };
        self.outbox.insert(MessageId::new(self.messages), message);
    }

    fn selected(&self, selection: &OutboxSelection) -> impl Iterator<Item = (MessageId, &HeldMessage)> {
        let OutboxSelection { subscriber, state, ids } = selection;
        self.outbox.iter().map(|(id, message)| (*id, message)).filter(move |(id, message)| {
            subscriber.as_ref().is_none_or(|name| *name == message.subscriber)
                && state.is_none_or(|state| state == message.state())
                && ids.as_ref().is_none_or(|ids| ids.contains(id))
        })
    }
}

#[async_trait]
impl Outbox for MemoryOutbox {
    async fn claim(
        &self,
        claim: &MessageClaim,
        most: u32,
        now: Timestamp,
    ) -> Result<Vec<OutboxMessage>, PortError> {
        let mut held_up = BTreeSet::new();
        let mut claimed = Vec::new();
        for (id, message) in
            self.0.world().outbox.iter_mut().filter(|(_, it)| it.subscriber == claim.subscriber)
        {
            let subject = message.event.occurrence.subject();
            let is_next = message.is_due(now) && !held_up.contains(&subject) && claimed.len() < most as usize;
            if is_next {
                message.attempts += 1;
                message.due_at = Some(claim.ends_at);
                message.claim = Some(claim.id);
                let (event, attempts) = (message.event.clone(), message.attempts);
                claimed.push(OutboxMessage { id: *id, event, attempts });
            } else if message.due_at.is_some() {
                held_up.insert(subject);
            }
        }
        Ok(claimed)
    }

    async fn settle(
        &self,
        claim: &MessageClaim,
        settlements: &[(MessageId, Settlement)],
        now: Timestamp,
    ) -> Result<(), PortError> {
        let mut world = self.0.world();
        for (id, settlement) in settlements {
            let held = world.outbox.get_mut(id).filter(|message| message.claim == Some(claim.id));
            let Some(message) = held else { continue };
            message.claim = None;
            match settlement {
                Settlement::Delivered => drop(world.outbox.remove(id)),
                Settlement::Postponed { until, failure } => {
                    message.due_at = Some(*until);
                    message.failure = Some(failure.clone());
                }
                Settlement::Dead { failure } => {
                    message.due_at = None;
                    message.failure = Some(failure.clone());
                }
                Settlement::Left => {
                    message.due_at = Some(now);
                    message.attempts -= 1;
                }
            }
        }
        Ok(())
    }

    async fn post(
        &self,
        subscriber: &str,
        events: &[DomainEvent],
        due_at: Option<Timestamp>,
    ) -> Result<(), PortError> {
        let mut world = self.0.world();
        for event in events {
            let is_there =
                world.outbox.values().any(|held| held.subscriber == subscriber && held.event.id == event.id);
            if !is_there {
                world.hold(subscriber, event, due_at.unwrap_or(event.occurred_at));
            }
        }
        Ok(())
    }

    async fn due(&self, prefix: &str, most: u32, now: Timestamp) -> Result<Vec<String>, PortError> {
        let world = self.0.world();
        let theirs = world.outbox.values().filter(|held| held.subscriber.starts_with(prefix));
        let mut subjects = BTreeSet::new();
        let mut first: BTreeMap<&str, Option<Timestamp>> = BTreeMap::new();
        for held in theirs.filter(|held| held.due_at.is_some()) {
            let is_first = subjects.insert((&held.subscriber, held.event.occurrence.subject()));
            if !is_first || !held.is_due(now) {
                continue;
            }
            let at = first.entry(&held.subscriber).or_insert(held.due_at);
            *at = (*at).min(held.due_at);
        }
        let mut names: Vec<_> = first.into_iter().collect();
        names.sort_by_key(|(_, at)| *at);
        Ok(names.into_iter().take(most as usize).map(|(name, _)| name.to_owned()).collect())
    }

    async fn list(
        &self,
        selection: &OutboxSelection,
        after: Option<MessageId>,
        most: u32,
    ) -> Result<Vec<OutboxEntry>, PortError> {
        let world = self.0.world();
        let entries = world.selected(selection).filter(|(id, _)| after.is_none_or(|after| *id > after));
        Ok(entries.take(most as usize).map(entry).collect())
    }

    async fn retry(&self, selection: &OutboxSelection, now: Timestamp) -> Result<u64, PortError> {
        let mut world = self.0.world();
        let failed = world.selected(selection).filter(|(_, message)| {
            !message.is_claimed(now) && (message.attempts > 0 || message.state() == MessageState::Dead)
        });
        let failed: Vec<_> = failed.map(|(id, _)| id).collect();
        for message in world.outbox.iter_mut().filter(|(id, _)| failed.contains(id)).map(|(_, it)| it) {
            message.due_at = Some(now);
            message.claim = None;
            message.attempts = 0;
        }
        Ok(failed.len() as u64)
    }

    async fn purge(&self, selection: &OutboxSelection, now: Timestamp) -> Result<u64, PortError> {
        let mut world = self.0.world();
        let unclaimed = world.selected(selection).filter(|(_, message)| !message.is_claimed(now));
        let gone: Vec<_> = unclaimed.map(|(id, _)| id).collect();
        world.outbox.retain(|id, _| !gone.contains(id));
        Ok(gone.len() as u64)
    }
}

fn entry((id, message): (MessageId, &HeldMessage)) -> OutboxEntry {
    let HeldMessage { subscriber, event, attempts, due_at, claim: _, failure } = message;
    OutboxEntry {
        id,
        subscriber: subscriber.clone(),
        account_id: event.account_id,
        event_id: event.id,
        name: event.occurrence.name().to_string(),
        occurred_at: event.occurred_at,
        attempts: *attempts,
        due_at: *due_at,
        failure: failure.clone(),
    }
}
