use std::path::PathBuf;
use std::sync::Arc;

use adstead_domain::port::{EventSubscriber, PortError};
use adstead_domain::{DomainEvent, OccurrenceName};
use async_trait::async_trait;

use super::config::SinkConfig;
use super::envelope::{Envelope, requests};
use super::file;
use super::track::Track;
use crate::external::outgoing::{DELIVERY_TIME, Outgoing};
use crate::external::{Call, ExternalServiceManager};
use crate::resilience::Deadline;

/// What errors call the telling of a sink.
pub(super) const TELL: &str = "analytics.tell";

/// A sink, as the outbox tells it.
pub(super) struct AnalyticsSink {
    /// By which the outbox and the register of services know it.
    pub(super) name: String,
    /// Its name in the settings.
    pub(super) short_name: String,
    pub(super) config: SinkConfig,
    pub(super) way: Way,
}

/// How a sink is reached.
pub(super) enum Way {
    Http { envelope: Box<dyn Envelope>, outgoing: Outgoing, services: Arc<ExternalServiceManager> },
    File(PathBuf),
}

/// The events of one delivery: a few requests, all within the patience of the outbox.
const AT_ONCE: usize = 100;

#[async_trait]
impl EventSubscriber for AnalyticsSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants(&self, name: OccurrenceName) -> bool {
        self.config.events.iter().any(|pattern| pattern.matches(name))
    }

    fn most_at_once(&self) -> usize {
        match &self.way {
            Way::Http { envelope, .. } => envelope.limits().events.min(AT_ONCE),
            Way::File(_) => AT_ONCE,
        }
    }

    async fn deliver(&self, events: &[&DomainEvent]) -> Result<(), PortError> {
        let track = |event: &&DomainEvent| Track::new(&self.short_name, &self.config, event);
        let tracks: Vec<_> = events.iter().map(track).collect();
        match &self.way {
            Way::File(path) => file::append(path, &tracks).await,
            Way::Http { envelope, outgoing, services } => {
                let deadline = Deadline::after(DELIVERY_TIME);
                for request in requests(envelope.as_ref(), &tracks)? {
                    let attempt = async || {
                        let request = request.try_clone().expect("the body stands in memory");
                        outgoing.send(TELL, request).await?.taken(TELL)
                    };
                    let call = Call { is_patient: false, ..Call::new(TELL, deadline) };
                    services.call(&self.name, call, attempt).await?;
                }
                Ok(())
            }
        }
    }
}
