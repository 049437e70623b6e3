use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use adstead_domain::port::{Clock, PortError, PortErrorKind, Reception};
use adstead_domain::{DomainEvent, WebhookSecrets, WebhookUrl};
use reqwest::{Request, StatusCode};
use serde_json::{Map, Value, json};

use super::config::{NotificationConfig, NotificationConfigError};
use super::service::NOTIFY;
use crate::external::names::WEBHOOKS;
use crate::external::outgoing::{Answer, Outgoing, json_request};
use crate::external::standard_webhook::standard_webhook;
use crate::external::{Call, ExternalServiceManager, ServicePolicy};
use crate::resilience::{BreakerPolicy, Bulkhead, Deadline};

/// Sends messages to addresses that users gave.
pub(super) struct Webhooks {
    outgoing: Outgoing,
    clock: Arc<dyn Clock>,
    services: Arc<ExternalServiceManager>,
    hosts: Hosts,
}

/// Messages that are under way to one server at the same time.
const AT_ONE_HOST: u32 = 4;

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
        let policy = ServicePolicy { breaker: BreakerPolicy::NEVER, ..config.policy.clone() };
        services.register(WEBHOOKS, policy);
        Ok(Self {
            outgoing,
            clock: Arc::clone(clock),
            services: Arc::clone(services),
            hosts: Hosts::default(),
        })
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
        let answer = self.post(json_request(url.reveal().clone(), body), deadline).await?;
        if answer.status == StatusCode::GONE {
            return Ok(Reception::Gone);
        }
        answer.taken(NOTIFY).map(|()| Reception::Taken)
    }

    /// One that is slow takes few of the places that all share.
    async fn post(&self, request: Request, deadline: Deadline) -> Result<Answer, PortError> {
        let host = self.host(&request);
        let _place = host.enter(NOTIFY, deadline).await?;
        let attempt = async || {
            let request = request.try_clone().expect("the body stands in memory");
            self.outgoing.send(NOTIFY, request).await
        };
        let call = Call { is_patient: false, ..Call::new(NOTIFY, deadline) };
        self.services.call(WEBHOOKS, call, attempt).await
    }

    /// Where those wait who want to post to the same server.
    fn host(&self, request: &Request) -> Arc<Bulkhead> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.retain(|_, host| host.strong_count() > 0);
        let place = hosts.entry(request.url().host_str().unwrap_or_default().to_owned()).or_default();
        place.upgrade().unwrap_or_else(|| {
            let host = Arc::new(Bulkhead::new(AT_ONE_HOST, u32::MAX));
            *place = Arc::downgrade(&host);
            host
        })
    }
}

type Hosts = Mutex<HashMap<String, Weak<Bulkhead>>>;

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

/// What an answer of a program means, by Standard Webhooks: 410 is a goodbye; whatever else is not 2xx is tried again.
fn received(answer: Answer) -> Result<Reception, PortError> {
    if answer.status == StatusCode::GONE {
        return Ok(Reception::Gone);
    }
    answer.taken(NOTIFY).map(|()| Reception::Taken).map_err(|error| match error.kind {
        PortErrorKind::Rejected => PortError { kind: PortErrorKind::Unexpected, ..error },
        _ => error,
    })
}
