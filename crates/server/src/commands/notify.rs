use std::time::Instant;

use adstead_config::Settings;
use adstead_domain::port::{Chain, News, Reception};
use adstead_domain::{
    AccountId, Destination, DomainEvent, DomainEventId, Occurrence, SubscriptionChange, SubscriptionId,
    WebhookSecret, WebhookSecrets, Zone,
};
use anyhow::{Result, anyhow, bail};
use serde::Serialize;
use uuid::Uuid;

use super::{print, print_json};
use crate::cli::{JsonArgs, NotifyTestArgs};
use crate::wire;

/// What came of a test.
#[derive(Serialize)]
struct Brought {
    channel: &'static str,
    event_id: Uuid,
    ms: u64,
}

pub(super) async fn test(settings: &Settings, args: NotifyTestArgs) -> Result<()> {
    let NotifyTestArgs { email, slack, webhook: _, url, secret, output: JsonArgs { json } } = args;
    let destination = match (email, url) {
        (Some(address), _) => Destination::Email { address },
        (None, Some(url)) if slack => Destination::Slack { url },
        (None, Some(url)) => Destination::Webhook { url, secrets: WebhookSecrets::new(of(secret)?) },
        (None, None) => bail!("a chat or a webhook has an address: give it as --url, or as ADSTEAD_WEBHOOK"),
    };
    let notifier = wire::notifier(settings)?;
    let why = |error| anyhow!("{}", Chain(&error));
    notifier.check(&destination).await.map_err(why)?;
    let (nobody, id) = (Uuid::nil(), DomainEventId::new(wire::ids().next()));
    let subscription = SubscriptionId::new(nobody);
    let occurrence = Occurrence::Subscription { change: SubscriptionChange::Tested, id: subscription };
    let event = DomainEvent::found(id, AccountId::new(nobody), occurrence, wire::clock().now());
    let (events, zone) = ([&event], Zone::utc());
    let news = News { subscription, destination: &destination, events: &events, time_zone: &zone };
    let start = Instant::now();
    if notifier.notify(&news).await.map_err(why)? == Reception::Gone {
        bail!("it answered 410: there is nobody any more who would take news");
    }
    let (channel, ms) = (destination.channel().as_str(), start.elapsed().as_millis() as u64);
    if json {
        return print_json(&Brought { channel, event_id: id.uuid(), ms });
    }
    Ok(print(&format!("the test was taken by {channel} in {ms} ms\n"))?)
}

/// The secret that was given, or one that nobody knows.
fn of(secret: Option<String>) -> Result<WebhookSecret> {
    match secret {
        Some(secret) => Ok(secret.parse()?),
        None => Ok(wire::new_secret()),
    }
}
