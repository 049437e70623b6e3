use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use adstead_domain::port::{News, Notifier, PortError, PortErrorKind, Reception};
use adstead_domain::{Destination, DomainEvent, SubscriptionId};
use async_trait::async_trait;

/// Notes what it is to bring, and does with it what it is asked to. It goes to no address on `forbidden.example`.
#[derive(Debug, Default)]
pub struct MemoryNotifier {
    brought: Mutex<Vec<(SubscriptionId, Vec<DomainEvent>)>>,
    outcomes: Mutex<VecDeque<Result<Reception, PortError>>>,
}

impl MemoryNotifier {
    /// What comes of the next news that nothing is said of yet.
    pub fn next(&self, outcome: Result<Reception, PortError>) {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).push_back(outcome);
    }

    /// What was brought, in its order.
    pub fn brought(&self) -> Vec<(SubscriptionId, Vec<DomainEvent>)> {
        self.brought.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Notifier for MemoryNotifier {
    async fn check(&self, destination: &Destination) -> Result<(), PortError> {
        let url = match destination {
            Destination::Email { .. } => return Ok(()),
            Destination::Slack { url } | Destination::Webhook { url, .. } => url.reveal(),
        };
        if url.host_str() == Some("forbidden.example") {
            let error = PortError::new(PortErrorKind::Rejected, "notifier.check");
            return Err(error.with_source("nothing goes to forbidden.example"));
        }
        Ok(())
    }

    async fn notify(&self, news: &News<'_>) -> Result<Reception, PortError> {
        let next = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let reception = next.unwrap_or(Ok(Reception::Taken))?;
        let events = news.events.iter().copied().cloned().collect();
        self.brought.lock().unwrap_or_else(PoisonError::into_inner).push((news.subscription, events));
        Ok(reception)
    }
}
