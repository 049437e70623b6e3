//! Events on their way to those who want to be told of them.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::PortError;
use crate::vocabulary::vocabulary;
use crate::{AccountId, ClaimId, DomainEvent, DomainEventId, MessageId, OccurrenceName};

/// The longest that one delivery may take.
pub const DELIVERY_PATIENCE: Duration = Duration::from_secs(10);

/// Wants to be told of events.
///
/// # Contract
/// - `name` MUST be the same for as long as the instance lives.
/// - Its errors MUST hold no secret, such as the address of a webhook: they are kept and shown with their causes.
/// - `wants` MUST answer the same for as long as the instance lives; `deliver` is never called with what it does not want.
/// - `most_at_once` MUST be 1 or more, and the same for as long as the instance lives.
/// - `deliver` MUST be fit to be called again with events that it was called with before, and MAY then do nothing.
/// - `deliver` MUST fail where one of the events was not taken: those that it answered are never told again. It MUST come to
///   an end by itself, within [`DELIVERY_PATIENCE`].
#[async_trait]
pub trait EventSubscriber: Send + Sync {
    /// What its messages are found by: a word of lower-case letters, digits, `_` and `-`, at most 32.
    fn name(&self) -> &str;

    /// Whether it is to be told of what bears that name: nothing else is stored for it.
    fn wants(&self, _name: OccurrenceName) -> bool {
        true
    }

    /// How many events it takes at once: one that takes several gets them all in one line, whatever their subjects.
    fn most_at_once(&self) -> usize {
        1
    }

    /// Takes events, [`most_at_once`](Self::most_at_once) at most. Those of one subject come one after the other, in their
    /// order. Where it fails with `Rejected` or `Corrupt`, they are told again in smaller numbers, until those are found to which that is
    /// due.
    async fn deliver(&self, events: &[&DomainEvent]) -> Result<(), PortError>;
}

/// What a subscriber is to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// Its name.
    pub subscriber: String,
    /// The names of what it wants to be told of.
    pub names: BTreeSet<OccurrenceName>,
}

impl Interest {
    /// What passes `wants`, of all that can happen.
    pub fn new(subscriber: &str, wants: impl Fn(OccurrenceName) -> bool) -> Self {
        let names = OccurrenceName::all().into_iter().filter(|name| wants(*name)).collect();
        Self { subscriber: subscriber.to_owned(), names }
    }

    /// That of `subscriber`.
    pub fn of(subscriber: &dyn EventSubscriber) -> Self {
        Self::new(subscriber.name(), |name| subscriber.wants(name))
    }
}

/// Keeps events until each subscriber has been told.
///
/// The repositories put a message into it for each event and subscriber who wants it, in the transaction of the change that the event
/// tells of. Whoever delivers *claims* messages, and *settles* them by what came of it. A claim has an end: what was
/// not settled by then can be claimed again, so a message is delivered at least once though its carrier dies.
///
/// # Contract
/// - `claim` MUST answer messages of the claim's subscriber that are due, no more than `most`, in the order in which they were
///   stored. Until the claim's end or its settlement, nobody else MUST get them, also where several claim at once.
/// - `claim` MUST NOT answer a message while an earlier one of the same subject and subscriber is neither delivered
///   nor dead nor answered with it, and MUST NOT let messages of one subject, or of one subscriber, hold up those of another.
/// - `claim` MUST count an attempt for each message that it answers, whatever becomes of its carrier. A message that can no
///   longer be read MUST become a dead letter, and hold up nothing.
/// - `settle` MUST carry out what is said of each message that is still the claim's, all or nothing, and MUST leave
///   alone those that are not: delivered ones are removed, postponed ones are due at their time, dead ones are put aside, and
///   those that were left are due at once, with one attempt less.
/// - `post` MUST store a message for each event that the subscriber has no message of, in their order, all or nothing.
/// - `due` MUST answer the subscribers whose names begin so and of whom `claim` would now answer a message, each once, no more than `most`,
///   those first whose messages were due first.
/// - `list` MUST answer the entries of the selection, those first that were stored first, from after the given one on.
/// - `retry` MUST make the selected dead and postponed messages due now, with no attempt made, and MUST NOT touch any that
///   is claimed; `purge` MUST remove the selected messages, and MUST NOT touch any that is claimed. Both answer how many.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes messages to be delivered until `claim.ends_at`.
    async fn claim(
        &self,
        claim: &MessageClaim,
        most: u32,
        now: Timestamp,
    ) -> Result<Vec<OutboxMessage>, PortError>;

    /// Says what came of claimed messages.
    async fn settle(
        &self,
        claim: &MessageClaim,
        settlements: &[(MessageId, Settlement)],
        now: Timestamp,
    ) -> Result<(), PortError>;

    /// Puts events into the queue of one subscriber, who need not be one of those that the repositories store events for; due at
    /// that time, or at once where none is given.
    async fn post(
        &self,
        subscriber: &str,
        events: &[DomainEvent],
        due_at: Option<Timestamp>,
    ) -> Result<(), PortError>;

    /// Who of those whose names begin so has something to be told.
    async fn due(&self, prefix: &str, most: u32, now: Timestamp) -> Result<Vec<String>, PortError>;

    /// What is there, at most so many entries, after the given one.
    async fn list(
        &self,
        selection: &OutboxSelection,
        after: Option<MessageId>,
        most: u32,
    ) -> Result<Vec<OutboxEntry>, PortError>;

    /// Makes messages due now.
    async fn retry(&self, selection: &OutboxSelection, now: Timestamp) -> Result<u64, PortError>;

    /// Removes messages: nobody will be told.
    async fn purge(&self, selection: &OutboxSelection, now: Timestamp) -> Result<u64, PortError>;
}

/// A carrier's right to messages of one subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageClaim {
    /// Its id.
    pub id: ClaimId,
    /// Who is to be told.
    pub subscriber: String,
    /// When what was not settled can be claimed by others.
    pub ends_at: Timestamp,
}

/// An event on its way to one subscriber.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxMessage {
    /// Its place: later ones are greater.
    pub id: MessageId,
    /// What is to be told.
    pub event: DomainEvent,
    /// How many attempts were made, with the one that begins now.
    pub attempts: u32,
}

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It was delivered.
    Delivered,
    /// It was not, and is to be tried again.
    Postponed {
        /// When.
        until: Timestamp,
        /// Why it failed.
        failure: String,
    },
    /// It was not, and will not be.
    Dead {
        /// Why it failed.
        failure: String,
    },
    /// Nobody tried.
    Left,
}

vocabulary! {
    /// How a message stands.
    MessageState, "a state of a message" {
        /// It is delivered as soon as it is due.
        Waiting = "waiting",
        /// It was put aside: nobody tries any more.
        Dead = "dead",
    }
}

/// Which messages are meant; all conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxSelection {
    /// Those of one subscriber.
    pub subscriber: Option<String>,
    /// Those of one state.
    pub state: Option<MessageState>,
    /// These.
    pub ids: Option<Vec<MessageId>>,
}

/// What is known of a message, whether or not its event can still be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its place.
    pub id: MessageId,
    /// Who is to be told.
    pub subscriber: String,
    /// Where it happened.
    pub account_id: AccountId,
    /// The event's id.
    pub event_id: DomainEventId,
    /// What happened, such as `ad.approved`.
    pub name: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// How many attempts were made.
    pub attempts: u32,
    /// When it is tried again; nothing for a dead letter.
    pub due_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub failure: Option<String>,
}
