use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use adstead_domain::port::{
    Chain, Clock, DELIVERY_PATIENCE, EventSubscriber, IdGenerator, MessageClaim, Outbox, OutboxMessage,
    PortError, PortErrorKind, ServiceRefusal, Settlement,
};
use adstead_domain::{ClaimId, DomainEvent, MessageId, Redelivery};
use futures::{FutureExt, StreamExt, stream};
use jiff::Timestamp;

use super::undeliverable::Undeliverable;
use crate::Error;

/// Tells one subscriber of what happened: claim, deliver, settle.
pub struct DeliverEvents {
    /// Where messages are kept.
    pub outbox: Arc<dyn Outbox>,
    /// Who is told.
    pub subscriber: Arc<dyn EventSubscriber>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// When a delivery that failed is tried again.
    pub redelivery: Redelivery,
    /// How many subjects are told of at the same time, [`AT_ONCE`](Self::AT_ONCE) for whoever bears it.
    pub at_once: usize,
    /// Who tells of deliveries that failed for good; nothing tells nobody.
    pub undeliverable: Option<Undeliverable>,
    /// Whether it is time to stop: then no further delivery begins.
    pub is_stopping: Arc<AtomicBool>,
    /// Whether the subscriber was out of reach in the last round.
    pub was_out_of_reach: AtomicBool,
}

/// What came of one round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Messages that were delivered.
    pub delivered: usize,
    /// Messages that are tried again later.
    pub postponed: usize,
    /// Messages that were put aside as dead letters.
    pub dead: usize,
    /// Messages that nobody tried, since one before them failed or the time was over.
    pub left: usize,
    /// When it makes sense to begin another round.
    pub next: NextRound,
}

/// When it makes sense to begin another round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NextRound {
    /// There may be more to deliver.
    AtOnce,
    /// All that was due is delivered.
    #[default]
    WhenSomethingHappens,
    /// The subscriber is out of reach, whatever happens.
    Later,
}

/// One round of deliveries.
struct Round {
    /// When no further delivery begins, so that all end before the claim does.
    ends_at: Timestamp,
    /// Whether it is time to stop.
    is_stopping: Arc<AtomicBool>,
    /// Whether the subscriber is out of reach, or lets nobody in: nothing is gained by asking it for every message in turn.
    is_out_of_reach: AtomicBool,
    /// What became dead letters.
    dead: Mutex<Vec<(MessageId, DomainEvent)>>,
}

impl DeliverEvents {
    /// The most messages of one round.
    pub const BATCH: u32 = 500;

    /// How long a carrier may be silent before others take its messages.
    pub const LEASE: Duration = Duration::from_secs(30);

    /// How many subjects a subscriber of Adstead's own is told of at the same time.
    pub const AT_ONCE: usize = 16;

    /// Messages of a round with a subscriber who was out of reach in the last one.
    const FEW: u32 = 16;

    /// Delivers the messages that are due, [`BATCH`](Self::BATCH) at most.
    ///
    /// # Errors
    /// [`Error::Port`] where the outbox fails; what was delivered by then is delivered again once the claim is over.
    pub async fn execute(&self) -> Result<Delivered, Error> {
        let now = self.clock.now();
        let claim = MessageClaim {
            id: ClaimId::new(self.ids.next()),
            subscriber: self.subscriber.name().to_owned(),
            ends_at: now + Self::LEASE,
        };
        // Where nobody answered the last time, a few tries tell whether somebody does now.
        let most = if self.was_out_of_reach.load(Ordering::Relaxed) { Self::FEW } else { Self::BATCH };
        let messages = self.outbox.claim(&claim, most, now).await?;
        if messages.is_empty() {
            return Ok(Delivered::default());
        }
        let is_full = messages.len() == most as usize;
        let round = Round {
            ends_at: claim.ends_at - DELIVERY_PATIENCE,
            is_stopping: Arc::clone(&self.is_stopping),
            is_out_of_reach: AtomicBool::new(false),
            dead: Mutex::default(),
        };
        let takes_several = self.subscriber.most_at_once() > 1;
        let lines = if takes_several { vec![messages] } else { in_order_by_subject(messages) };
        let settled =
            stream::iter(lines).map(|line| self.deliver(line, &round)).buffer_unordered(self.at_once);
        let settlements: Vec<_> = settled.flat_map(stream::iter).collect().await;
        self.outbox.settle(&claim, &settlements, self.clock.now()).await?;
        if let Some(undeliverable) = &self.undeliverable {
            let dead = mem::take(&mut *round.dead.lock().unwrap_or_else(PoisonError::into_inner));
            undeliverable.tell(self.subscriber.name(), &dead).await;
        }
        let counted: Delivered = settlements.iter().map(|(_, settlement)| settlement).collect();
        let is_out_of_reach = round.is_out_of_reach.into_inner();
        self.was_out_of_reach.store(is_out_of_reach, Ordering::Relaxed);
        let next = match (is_out_of_reach, is_full) {
            (true, _) => NextRound::Later,
            (false, true) => NextRound::AtOnce,
            (false, false) => NextRound::WhenSomethingHappens,
        };
        Ok(Delivered { next, ..counted })
    }

    /// Delivers one after the other what must not overtake one another: after what is to be tried again, nothing.
    async fn deliver(&self, line: Vec<OutboxMessage>, round: &Round) -> Vec<(MessageId, Settlement)> {
        let mut settlements = Vec::with_capacity(line.len());
        let mut batches: VecDeque<_> = line.chunks(self.subscriber.most_at_once().max(1)).collect();
        let mut is_held_up = false;
        while let Some(batch) = batches.pop_front() {
            if is_held_up || round.is_over(self.clock.now()) {
                settlements.extend(batch.iter().map(|message| (message.id, Settlement::Left)));
                continue;
            }
            let Err(error) = self.tell(batch).await else {
                settlements.extend(batch.iter().map(|message| (message.id, Settlement::Delivered)));
                continue;
            };
            if let Some(refusal) = ServiceRefusal::of(&error) {
                // Nobody was asked, so it is no attempt.
                tracing::debug!(subscriber = self.subscriber.name(), %refusal, "events wait for an external service");
                round.is_out_of_reach.store(true, Ordering::Relaxed);
                settlements.extend(batch.iter().map(|message| (message.id, Settlement::Left)));
                continue;
            }
            let may_be_of_one = matches!(error.kind, PortErrorKind::Rejected | PortErrorKind::Corrupt);
            if may_be_of_one && batch.len() > 1 {
                let (first, second) = batch.split_at(batch.len() / 2);
                batches.push_front(second);
                batches.push_front(first);
                continue;
            }
            round.note(&error);
            for message in batch {
                let settlement = self.after(&error, message);
                if matches!(settlement, Settlement::Dead { .. }) {
                    let mut dead = round.dead.lock().unwrap_or_else(PoisonError::into_inner);
                    dead.push((message.id, message.event.clone()));
                }
                is_held_up |= !matches!(settlement, Settlement::Dead { .. });
                settlements.push((message.id, settlement));
            }
        }
        settlements
    }

    /// Tells the subscriber, but for what it wanted to be told of when that was stored and does not any more. A panic is a
    /// failure like any other, so that it is settled with the others.
    async fn tell(&self, batch: &[OutboxMessage]) -> Result<(), PortError> {
        let events = batch.iter().map(|message| &message.event);
        let events: Vec<_> = events.filter(|event| self.subscriber.wants(event.occurrence.name())).collect();
        if events.is_empty() {
            return Ok(());
        }
        let delivery = AssertUnwindSafe(self.subscriber.deliver(&events));
        delivery.catch_unwind().await.unwrap_or_else(|_panic| {
            Err(PortError::new(PortErrorKind::Unexpected, "subscriber.deliver").with_source("it panicked"))
        })
    }

    /// What follows from a delivery that failed.
    fn after(&self, error: &PortError, message: &OutboxMessage) -> Settlement {
        let OutboxMessage { id, event, attempts } = message;
        let now = self.clock.now();
        // What is refused will be refused again.
        let is_refused = error.kind == PortErrorKind::Rejected;
        let next = self.redelivery.next(*attempts, error.retry_after, now).filter(|_| !is_refused);
        let (subscriber, name) = (self.subscriber.name(), event.occurrence.name());
        let failure = in_words(error);
        let error = Chain(error);
        if let Some(until) = next {
            tracing::warn!(
                subscriber, event = %name, event_id = %event.id, attempts, next = %until, %error,
                "an event was not delivered and is tried again"
            );
            return Settlement::Postponed { until, failure };
        }
        tracing::error!(
            subscriber, event = %name, event_id = %event.id, attempts, message_id = %id, %error,
            "an event was not delivered and became a dead letter: see `adstead outbox list`"
        );
        Settlement::Dead { failure }
    }
}

impl Round {
    fn is_over(&self, now: Timestamp) -> bool {
        let is_set = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        now >= self.ends_at || is_set(&self.is_out_of_reach) || is_set(&self.is_stopping)
    }

    fn note(&self, error: &PortError) {
        if error.kind.is_transient() || error.kind == PortErrorKind::Denied {
            self.is_out_of_reach.store(true, Ordering::Relaxed);
        }
    }
}

/// The messages, those of one subject together and in their order.
fn in_order_by_subject(messages: Vec<OutboxMessage>) -> Vec<Vec<OutboxMessage>> {
    let mut places: HashMap<_, usize> = HashMap::new();
    let mut subjects: Vec<Vec<OutboxMessage>> = Vec::new();
    for message in messages {
        match places.entry(message.event.occurrence.subject()) {
            Entry::Occupied(place) => subjects[*place.get()].push(message),
            Entry::Vacant(place) => {
                place.insert(subjects.len());
                subjects.push(vec![message]);
            }
        }
    }
    subjects
}

/// The error and its causes, as they are kept for the operator.
fn in_words(error: &PortError) -> String {
    const READABLE: usize = 1_000;
    let words = Chain(error).to_string();
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(READABLE).collect()
}

impl<'a> FromIterator<&'a Settlement> for Delivered {
    fn from_iter<I: IntoIterator<Item = &'a Settlement>>(settlements: I) -> Self {
        let mut counted = Self::default();
        for settlement in settlements {
            let count = match settlement {
                Settlement::Delivered => &mut counted.delivered,
                Settlement::Postponed { .. } => &mut counted.postponed,
                Settlement::Dead { .. } => &mut counted.dead,
                Settlement::Left => &mut counted.left,
            };
            *count += 1;
        }
        counted
    }
}
