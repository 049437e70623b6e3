use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use adstead_domain::port::{
    Clock, EventSubscriber, IdGenerator, News, Notifier, Outbox, OutboxSelection, PortError, PortErrorKind,
    Reception, SubscriptionRepository,
};
use adstead_domain::{DomainEvent, Line, Redelivery, Subscription, Suspension, SuspensionReason};
use async_trait::async_trait;

use crate::Error;
use crate::outbox::{DeliverEvents, Undeliverable};

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
}

impl NotifySubscribers {
    /// Lines that are looked for at once.
    const MOST: u32 = 200;

    /// The lines that have something to be told.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn due(&self) -> Result<Vec<String>, Error> {
        Ok(self.outbox.due(Line::PREFIX, Self::MOST, self.clock.now()).await?)
    }

    /// Tells what is due of a line.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn deliver(&self, name: String) -> Result<(), Error> {
        let Some(subscriber) = self.subscriber(&name).await? else {
            let waiting = OutboxSelection { subscriber: Some(name), ..OutboxSelection::default() };
            self.outbox.purge(&waiting, self.clock.now()).await?;
            return Ok(());
        };
        let deliver = DeliverEvents {
            outbox: Arc::clone(&self.outbox),
            subscriber,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            redelivery: self.redelivery,
            undeliverable: self.undeliverable.clone(),
            is_stopping: Arc::clone(&self.is_stopping),
            was_out_of_reach: AtomicBool::new(false),
        };
        deliver.execute().await?;
        Ok(())
    }

    /// Who is told by a line; nothing where nobody wants to be any more.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn subscriber(&self, name: &str) -> Result<Option<Arc<dyn EventSubscriber>>, Error> {
        let Ok(line) = name.parse::<Line>() else { return Ok(None) };
        let found = self.subscriptions.find(line.subscription()).await?;
        let Some(subscription) = found.filter(|found| found.suspended.is_none()) else { return Ok(None) };
        Ok(Some(Arc::new(SubscribedLine {
            name: name.to_owned(),
            line,
            subscription,
            subscriptions: Arc::clone(&self.subscriptions),
            notifier: Arc::clone(&self.notifier),
            clock: Arc::clone(&self.clock),
        })))
    }
}

/// A line of a subscription, as the outbox tells it.
struct SubscribedLine {
    name: String,
    line: Line,
    subscription: Subscription,
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

    fn most_at_once(&self) -> usize {
        match self.line {
            Line::Now(_) => 1,
            Line::Later(_) => DIGEST,
        }
    }

    async fn deliver(&self, events: &[&DomainEvent]) -> Result<(), PortError> {
        let Subscription { id, destination, timing, .. } = &self.subscription;
        let news = News { subscription: *id, destination, events, time_zone: &timing.time_zone };
        match self.notifier.notify(&news).await? {
            Reception::Taken => Ok(()),
            Reception::Gone => self.suspend().await,
        }
    }
}

impl SubscribedLine {
    /// Tells nothing any more. What still waits is dropped when it comes up.
    async fn suspend(&self) -> Result<(), PortError> {
        tracing::warn!(
            subscription = %self.subscription.id,
            "a webhook answered that there is nobody any more, and is told nothing from now on"
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
