use std::sync::Arc;

use adstead_domain::port::{Clock, PortError, PortErrorKind, Reception};
use adstead_domain::{DomainEvent, WebhookSecrets, WebhookUrl};
use reqwest::{Request, StatusCode};
use serde_json::{Map, Value, json};

use super::config::{NotificationConfig, NotificationConfigError};
use super::service::NOTIFY;
use crate::external::outgoing::{Answer, Outgoing, json_request};
use crate::external::standard_webhook::standard_webhook;
use crate::external::{Call, ExternalServiceManager, ServicePolicy};
use crate::resilience::{BreakerPolicy, Deadline, RetryPolicy};

/// The name by which the register of services knows all webhooks together.
const SERVICE: &str = "webhooks";

/// Sends messages to addresses that users gave.
pub(super) struct Webhooks {
    outgoing: Outgoing,
    clock: Arc<dyn Clock>,
    services: Arc<ExternalServiceManager>,
}

impl Webhooks {
    pub(super) fn new(
        config: &NotificationConfig,
        clock: &Arc<dyn Clock>,
        services: &Arc<ExternalServiceManager>,
    ) -> Result<Self, NotificationConfigError> {
        let outgoing =
            Outgoing::guarded(config.guard.clone()).map_err(NotificationConfigError::HttpClient)?;
        // They are many, and one that fails says nothing of the others: so there is no breaker, and no cooling either, since
        // answers are judged outside. The outbox leaves each alone that fails.
        let policy = ServicePolicy {
            attempt_timeout: config.timeout,
            total_timeout: config.timeout,
            retry: RetryPolicy::times(0),
            breaker: BreakerPolicy::NEVER,
            ..config.policy.clone()
        };
        services.register(SERVICE, policy);
        Ok(Self { outgoing, clock: Arc::clone(clock), services: Arc::clone(services) })
    }

    /// One event, by Standard Webhooks.
    pub(super) async fn tell(
        &self,
        event: &DomainEvent,
        url: &WebhookUrl,
        secrets: &WebhookSecrets,
        deadline: Deadline,
    ) -> Result<Reception, PortError> {
        let now = self.clock.now();
        let body = message(event).to_string().into_bytes();
        let request =
            standard_webhook(url.reveal().clone(), &event.id.to_string(), now, &secrets.active(now), body);
        received(self.post(request, deadline).await?)
    }

    /// A line to a chat.
    pub(super) async fn chat(
        &self,
        text: &str,
        url: &WebhookUrl,
        deadline: Deadline,
    ) -> Result<Reception, PortError> {
        let body = json!({ "text": text.trim_end() }).to_string().into_bytes();
        received(self.post(json_request(url.reveal().clone(), body), deadline).await?)
    }

    async fn post(&self, request: Request, deadline: Deadline) -> Result<Answer, PortError> {
        let attempt = async || {
            let request = request.try_clone().expect("the body stands in memory");
            self.outgoing.send(NOTIFY, request).await
        };
        let call = Call { is_patient: false, ..Call::new(NOTIFY, deadline) };
        self.services.call(SERVICE, call, attempt).await
    }
}

/// What a program is told of an event: its type, its time, and how things stood right after.
fn message(event: &DomainEvent) -> Value {
    let DomainEvent { id: _, account_id, actor, occurred_at, occurrence } = event;
    let mut data = match serde_json::to_value(occurrence) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    // They are in the type already.
    data.remove("subject");
    data.remove("change");
    data.insert("account_id".to_owned(), account_id.to_string().into());
    data.insert("actor".to_owned(), actor.map(|actor| actor.to_string()).into());
    json!({ "type": occurrence.name().to_string(), "timestamp": occurred_at.to_string(), "data": data })
}

/// What an answer means, by Standard Webhooks: 410 is a goodbye; whatever else is not 2xx is tried again.
fn received(answer: Answer) -> Result<Reception, PortError> {
    if answer.status == StatusCode::GONE {
        return Ok(Reception::Gone);
    }
    answer.taken(NOTIFY).map(|()| Reception::Taken).map_err(|error| match error.kind {
        PortErrorKind::Rejected => PortError { kind: PortErrorKind::Unexpected, ..error },
        _ => error,
    })
}
