use std::sync::Arc;

use adstead_domain::port::{Clock, EventSubscriber, Interest, Outbox, PortError, SubscriptionRepository};
use adstead_domain::{DomainEvent, OccurrenceName, Subscription};
use async_trait::async_trait;

/// Gives each event to those who subscribed to it: puts it into a queue of each, so that one who cannot be told delays nobody else.
pub struct FanOut {
    /// Where subscriptions are kept.
    pub subscriptions: Arc<dyn SubscriptionRepository>,
    /// Where news wait.
    pub outbox: Arc<dyn Outbox>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl FanOut {
    /// By which the outbox knows it.
    pub const NAME: &str = "notifications";

    /// What it wants to be told of: all news.
    pub fn interest() -> Interest {
        Interest::new(Self::NAME, OccurrenceName::is_news)
    }

    /// Events that are given out together: few, since each may be for many, and those of one account hold up no other.
    const AT_ONCE: usize = 10;
}

#[async_trait]
impl EventSubscriber for FanOut {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn wants(&self, name: OccurrenceName) -> bool {
        name.is_news()
    }

    fn most_at_once(&self) -> usize {
        Self::AT_ONCE
    }

    async fn deliver(&self, events: &[&DomainEvent]) -> Result<(), PortError> {
        let mut accounts: Vec<_> = events.iter().map(|event| event.account_id).collect();
        accounts.sort_unstable();
        accounts.dedup();
        for account in accounts {
            for subscription in self.subscriptions.of_account(account, None).await? {
                let wanted = events.iter().copied().filter(|event| subscription.wants(event)).cloned();
                let (critical, others): (Vec<_>, Vec<_>) =
                    wanted.partition(|event| event.occurrence.is_critical());
                for (events, is_critical) in [(critical, true), (others, false)] {
                    self.post(&subscription, &events, is_critical).await?;
                }
            }
        }
        Ok(())
    }
}

impl FanOut {
    async fn post(
        &self,
        subscription: &Subscription,
        events: &[DomainEvent],
        is_critical: bool,
    ) -> Result<(), PortError> {
        if events.is_empty() {
            return Ok(());
        }
        let due_at = subscription.timing.due(is_critical, self.clock.now());
        self.outbox.post(&subscription.line(is_critical).to_string(), events, due_at).await
    }
}
