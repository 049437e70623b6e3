//! Events as lines of the log.

use adstead_domain::port::{EventSubscriber, PortError};
use adstead_domain::{DomainEvent, OccurrenceName};
use async_trait::async_trait;

/// Writes all news as lines of the log, with the target `adstead::events` and the level `INFO`: what happened, to
/// what, and by whom, in ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventLog;

#[async_trait]
impl EventSubscriber for EventLog {
    fn name(&self) -> &str {
        "log"
    }

    fn wants(&self, name: OccurrenceName) -> bool {
        name.is_news()
    }

    async fn deliver(&self, events: &[&DomainEvent]) -> Result<(), PortError> {
        for DomainEvent { id, account_id, actor, occurred_at, occurrence } in events {
            tracing::info!(
                target: "adstead::events",
                event = %occurrence.name(),
                event_id = %id,
                account = %account_id,
                subject = %occurrence.subject(),
                actor = actor.map(tracing::field::display),
                occurred_at = %occurred_at,
                "it happened"
            );
        }
        Ok(())
    }
}
