use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adstead_domain::port::{
    Clock, EventSubscriber, IdGenerator, News, Notifier, Outbox, OutboxSelection, PortError, PortErrorKind,
    Reception, SubscriptionRepository,
};
use adstead_domain::{
    DomainEvent, Line, OccurrenceName, Redelivery, Subscription, Suspension, SuspensionReason,
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use crate::Error;
use crate::outbox::{DeliverEvents, Delivered, NextRound, Undeliverable};

/// Tells those who subscribed: each by a line of their own, so that nobody waits for another.
pub struct NotifySubscribers {
    /// Where subscriptions are kept.
    pub subscriptions: Arc<dyn SubscriptionRepository>,
    /// Where news wait.
    pub outbox: Arc<dyn Outbox>,
    /// Who tells.
    pub notifier: Arc<dyn Notifier>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// When news that did not arrive are told again.
    pub redelivery: Redelivery,
    /// Whom to tell of news that never arrive.
    pub undeliverable: Option<Undeliverable>,
    /// Whether it is time to stop: then no further delivery begins.
    pub is_stopping: Arc<AtomicBool>,
    /// The lines that nobody answered on, or that are quiet.
    pub resting: RestingLines,
}

/// Until when lines are left alone, on this node.
#[derive(Debug, Default)]
pub struct RestingLines(Mutex<BTreeMap<String, Timestamp>>);

impl NotifySubscribers {
    /// Lines that are looked for at once.
    const MOST: u32 = 200;

    /// How many subjects a line is told of at the same time: receivers are others' servers.
    const AT_ONCE: usize = 2;

    /// For how long a line is left alone on which nobody answered.
    pub const REST: SignedDuration = SignedDuration::from_secs(5);

    /// The lines that have something to be told, and do not rest; none once it is time to stop.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn due(&self) -> Result<Vec<String>, Error> {
        if self.is_stopping.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let resting = self.resting.at(now);
        let most = Self::MOST.saturating_add(u32::try_from(resting.len()).unwrap_or(u32::MAX));
        let mut due = self.outbox.due(Line::PREFIX, most, now).await?;
        due.retain(|name| !resting.contains(name));
        Ok(due)
    }

    /// Tells what is due of a line.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn deliver(&self, name: &str) -> Result<(), Error> {
        let rest = match self.round(name).await {
            Ok(rest) => rest,
            Err(error) => {
                self.resting.rest(name, Some(self.clock.now() + Self::REST));
                return Err(error);
            }
        };
        self.resting.rest(name, rest);
        Ok(())
    }

    /// One round of a line; until when it rests after that.
    async fn round(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        let now = self.clock.now();
        let Some(subscriber) = self.line(name).await? else {
            let waiting = OutboxSelection { subscriber: Some(name.to_owned()), ..OutboxSelection::default() };
            self.outbox.purge(&waiting, now).await?;
            return Ok(None);
        };
        if let Some(morning) = subscriber.quiet_until(now) {
            return Ok(Some(morning));
        }
        let deliver = DeliverEvents {
            outbox: Arc::clone(&self.outbox),
            subscriber: Arc::new(subscriber),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            redelivery: self.redelivery,
            at_once: Self::AT_ONCE,
            undeliverable: self.undeliverable.clone(),
            is_stopping: Arc::clone(&self.is_stopping),
            was_out_of_reach: AtomicBool::new(self.resting.knows(name)),
        };
        let Delivered { next, .. } = deliver.execute().await?;
        Ok((next == NextRound::Later).then(|| self.clock.now() + Self::REST))
    }

    /// Who is told by a line; nothing where nobody wants to be any more.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn subscriber(&self, name: &str) -> Result<Option<Arc<dyn EventSubscriber>>, Error> {
        Ok(self.line(name).await?.map(|line| Arc::new(line) as _))
    }

    async fn line(&self, name: &str) -> Result<Option<SubscribedLine>, Error> {
        let Ok(line) = name.parse::<Line>() else { return Ok(None) };
        let found = self.subscriptions.find(line.subscription()).await?;
        let Some(subscription) = found.filter(|found| found.suspended.is_none()) else { return Ok(None) };
        Ok(Some(SubscribedLine {
            name: name.to_owned(),
            line,
            subscription,
            is_gone: AtomicBool::new(false),
            subscriptions: Arc::clone(&self.subscriptions),
            notifier: Arc::clone(&self.notifier),
            clock: Arc::clone(&self.clock),
        }))
    }
}

impl RestingLines {
    /// Those that rest at that time; the others are forgotten once they have not been heard of for a while.
    fn at(&self, now: Timestamp) -> BTreeSet<String> {
        let mut lines = self.lines();
        lines.retain(|_, until| now < *until + 2 * NotifySubscribers::REST);
        lines.iter().filter(|(_, until)| now < **until).map(|(name, _)| name.clone()).collect()
    }

    /// Whether the line rested a moment ago.
    fn knows(&self, name: &str) -> bool {
        self.lines().contains_key(name)
    }

    fn rest(&self, name: &str, until: Option<Timestamp>) {
        match until {
            Some(until) => drop(self.lines().insert(name.to_owned(), until)),
            None => drop(self.lines().remove(name)),
        }
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<String, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line of a subscription, as the outbox tells it.
struct SubscribedLine {
    name: String,
    line: Line,
    subscription: Subscription,
    /// Whether nobody takes anything there any more.
    is_gone: AtomicBool,
    subscriptions: Arc<dyn SubscriptionRepository>,
    notifier: Arc<dyn Notifier>,
    clock: Arc<dyn Clock>,
}

/// The most that is told together.
const DIGEST: usize = 100;

#[async_trait]
impl EventSubscriber for SubscribedLine {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants(&self, name: OccurrenceName) -> bool {
        self.subscription.is_about(name)
    }

    fn most_at_once(&self) -> usize {
        match self.line {
            Line::Now(_) => 1,
            Line::Later(_) => DIGEST,
        }
    }

    async fn deliver(&self, events: &[&DomainEvent]) -> Result<(), PortError> {
        if self.is_gone.load(Ordering::Relaxed) {
            return Ok(());
        }
        let Subscription { id, destination, timing, .. } = &self.subscription;
        let news = News { subscription: *id, destination, events, time_zone: &timing.time_zone };
        match self.notifier.notify(&news).await? {
            Reception::Taken => Ok(()),
            Reception::Gone => self.suspend().await,
        }
    }
}

impl SubscribedLine {
    /// When the quiet ends that holds `now`, for a line that keeps it.
    fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.line {
            Line::Now(_) => None,
            Line::Later(_) => self.subscription.timing.quiet_until(now),
        }
    }

    /// Tells nothing any more. What still waits is dropped when it comes up.
    async fn suspend(&self) -> Result<(), PortError> {
        self.is_gone.store(true, Ordering::Relaxed);
        tracing::warn!(
            subscription = %self.subscription.id,
            "a receiver answered that there is nobody any more, and is told nothing from now on"
        );
        let suspended = Some(Suspension { reason: SuspensionReason::Gone, since: self.clock.now() });
        match self.subscriptions.update(&Subscription { suspended, ..self.subscription.clone() }).await {
            Ok(_) => Ok(()),
            // It was changed or ended meanwhile: the next news will tell.
            Err(error) if error.kind == PortErrorKind::Stale => Ok(()),
            Err(error) => Err(error),
        }
    }
}
