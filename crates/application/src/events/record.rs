use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use adstead_domain::port::{
    AccountRepository, AdRepository, Clock, EventArchive, EventBatch, IdGenerator, PerformanceRepository,
    Recorded,
};
use adstead_domain::{
    Actor, DomainEvent, EventId, EventKind, EventWindow, PerformanceEvent, Permission, RejectedEvent,
    Retention, Violation,
};
use jiff::Timestamp;

use crate::Error;
use crate::happened::happened;

/// Takes performance events in, each counted exactly once.
pub struct RecordEvents {
    /// Where it is known what money an account counts in.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Where events are counted.
    pub performance: Arc<dyn PerformanceRepository>,
    /// Where it is known since when events are kept.
    pub archive: Arc<dyn EventArchive>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// For how long events are kept.
    pub retention: Retention,
}

/// An event as it was sent.
#[derive(Debug, Clone)]
pub struct SubmittedEvent {
    /// What was sent, as JSON.
    pub payload: String,
    /// The event, or why it is none.
    pub event: Result<PerformanceEvent, String>,
}

/// What became of the events that were sent together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvents {
    /// How many were counted now.
    pub accepted: usize,
    /// How many had been counted before.
    pub duplicates: usize,
    /// Which count nowhere, by their position from 0, and why.
    pub rejected: Vec<(usize, String)>,
}

impl RecordEvents {
    /// The most events of one call.
    pub const MAX_EVENTS: usize = 5_000;

    /// Lets a number of events pass that one call may have; for whoever reads them, before they take up room.
    ///
    /// # Errors
    /// More than [`RecordEvents::MAX_EVENTS`].
    pub fn check_count(count: usize) -> Result<(), Violation> {
        let most = Self::MAX_EVENTS;
        if count <= most {
            return Ok(());
        }
        let message = format!("there are {count} events, {most} are allowed at a time: send them in parts");
        Err(Violation::invalid(message).at("/events"))
    }

    /// Judges the events, counts those that are good and new, and keeps the others aside.
    ///
    /// # Errors
    /// [`Error::Rules`] for more than [`RecordEvents::MAX_EVENTS`].
    pub async fn execute(
        &self,
        actor: &Actor,
        submitted: Vec<SubmittedEvent>,
    ) -> Result<RecordedEvents, Error> {
        actor.must(Permission::Write)?;
        Self::check_count(submitted.len())?;
        let now = self.clock.now();
        let named: HashSet<_> =
            submitted.iter().filter_map(|sent| sent.event.as_ref().ok()).map(|e| e.ad_id).collect();
        let known = self.ads.known(actor.account_id, &named).await?;
        let window = self.window(&submitted, now).await?;
        let mut batch = EventBatch {
            events: Vec::with_capacity(submitted.len()),
            rejected: Vec::new(),
            conversions: BTreeMap::new(),
            received_at: now,
        };
        let mut rejected = Vec::new();
        for (index, SubmittedEvent { payload, event }) in submitted.into_iter().enumerate() {
            let judged = event.and_then(|event| match event.judge(&known, &window, now) {
                Ok(()) => Ok(event),
                Err(fault) => Err(fault.to_string()),
            });
            match judged {
                Ok(event) => batch.events.push(event),
                Err(reason) => {
                    batch.rejected.push(RejectedEvent::new(&payload, reason.clone()));
                    rejected.push((index, reason));
                }
            }
        }
        batch.conversions = self.conversions(actor, &batch.events).await?;
        let Recorded { counted, duplicates } = self.performance.record(actor.account_id, batch).await?;
        Ok(RecordedEvents { accepted: counted, duplicates, rejected })
    }

    /// What others are told of the conversions among these events.
    async fn conversions(
        &self,
        actor: &Actor,
        events: &[PerformanceEvent],
    ) -> Result<BTreeMap<EventId, DomainEvent>, Error> {
        let mut told = BTreeMap::new();
        let converted: Vec<_> = events.iter().filter(|event| event.kind == EventKind::Conversion).collect();
        if converted.is_empty() {
            return Ok(told);
        }
        let account = self.accounts.get(actor.account_id).await?;
        let currency = account.and_then(|account| account.currency);
        for event in converted {
            let happened = event
                .conversion(currency)
                .map(|occurrence| happened(self.ids.as_ref(), actor, occurrence, event.occurred_at));
            if let Some(happened) = happened {
                told.entry(event.id).or_insert(happened);
            }
        }
        Ok(told)
    }

    /// Which of these events are taken in by their time. Where all are younger than any retention, nothing that was deleted
    /// can matter to them, and nobody is asked.
    async fn window(&self, submitted: &[SubmittedEvent], now: Timestamp) -> Result<EventWindow, Error> {
        let never_deleted = Retention::MIN.expires_before(now);
        let times =
            submitted.iter().filter_map(|sent| sent.event.as_ref().ok()).map(|event| event.occurred_at);
        let kept_since = match times.min() {
            Some(oldest) if oldest < never_deleted => self.archive.kept_since().await?,
            _ => Timestamp::MIN,
        };
        Ok(self.retention.window(kept_since, now))
    }
}
