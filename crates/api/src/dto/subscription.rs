use adstead_application::notifications::{NewSubscription, SubscriptionEdit, WantedDestination};
use adstead_domain as domain;
use domain::{
    Cadence, Channel, Destination, Email, OccurrencePattern, SuspensionReason, TimeOfDay, Violation,
    Violations, WebhookUrl, Zone,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words;
use crate::input::{Field, FromJson, List, object};
use crate::versions::Versioned;

/// A wish to be told of what happens.
#[derive(Serialize, ToSchema)]
pub(crate) struct Subscription {
    id: Uuid,
    account_id: Uuid,
    /// Whose wish it is.
    user_id: Uuid,
    /// The events that it is about.
    #[schema(example = json!(["ad.rejected", "budget.*"]))]
    events: Vec<String>,
    #[schema(value_type = words::Channel)]
    channel: Channel,
    /// The mailbox; `null` unless the channel is `email`.
    #[schema(required)]
    email: Option<String>,
    /// Where the chat or the webhook is, without its path, which may be a secret; `null` for mail.
    #[schema(required, example = "https://hooks.slack.com/…")]
    url: Option<String>,
    /// What messages to the webhook are signed with, in the answer that made or changed it; `null` ever after.
    #[schema(required, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: Option<String>,
    #[schema(value_type = words::Cadence)]
    cadence: Cadence,
    /// `null`: at any hour.
    #[schema(required)]
    quiet_hours: Option<QuietHours>,
    /// The zone of its hours.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// Why nothing is told for now; `null` where it is.
    #[schema(required)]
    suspended: Option<Suspension>,
    created_at: Timestamp,
    /// Counts the changes; the same number is in `ETag`.
    version: u32,
}

/// Hours in which nothing is told but what is critical. Where `to` is before `from`, they cross midnight.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuietHours {
    /// The first minute, `HH:MM`.
    #[schema(example = "22:00")]
    from: String,
    /// The minute at which they are over, `HH:MM`.
    #[schema(example = "07:00")]
    to: String,
}

/// Why and since when nothing is told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Suspension {
    #[schema(value_type = words::SuspensionReason)]
    reason: SuspensionReason,
    since: Timestamp,
}

impl From<domain::Subscription> for Subscription {
    fn from(subscription: domain::Subscription) -> Self {
        let domain::Subscription {
            id,
            account_id,
            user_id,
            events,
            destination,
            timing: domain::Timing { cadence, quiet_hours, time_zone },
            suspended,
            created_at,
            version,
        } = subscription;
        let channel = destination.channel();
        let (email, url) = match destination {
            Destination::Email { address } => (Some(address.to_string()), None),
            Destination::Slack { url } | Destination::Webhook { url, secrets: _ } => {
                (None, Some(url.to_string()))
            }
        };
        Self {
            id: id.uuid(),
            account_id: account_id.uuid(),
            user_id: user_id.uuid(),
            events: events.into_iter().map(String::from).collect(),
            channel,
            email,
            url,
            secret: None,
            cadence,
            quiet_hours: quiet_hours
                .map(|hours| QuietHours { from: hours.from().to_string(), to: hours.to().to_string() }),
            time_zone: time_zone.name().to_owned(),
            suspended: suspended.map(|domain::Suspension { reason, since }| Suspension { reason, since }),
            created_at,
            version: version.number(),
        }
    }
}

impl From<domain::Subscription> for Versioned<Subscription> {
    fn from(subscription: domain::Subscription) -> Self {
        Self { version: subscription.version.number(), body: subscription.into() }
    }
}

/// The subscription with the secret that counts from now on.
pub(crate) fn with_secret(subscription: domain::Subscription) -> Versioned<Subscription> {
    let secret = match &subscription.destination {
        Destination::Webhook { secrets, .. } => Some(secrets.current().reveal()),
        Destination::Email { .. } | Destination::Slack { .. } => None,
    };
    let mut shown = Versioned::from(subscription);
    shown.body.secret = secret;
    shown
}

/// Somebody to be told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSubscription)]
pub(crate) struct SubscriptionInput {
    /// Names of events such as `ad.rejected`, all of a kind such as `budget.*`, or `*` for all.
    #[schema(value_type = Vec<String>, required, min_items = 1, max_items = 50, example = json!(["ad.rejected", "budget.*"]))]
    events: Field<List<OccurrencePattern>>,
    #[schema(value_type = words::Channel, required)]
    channel: Field<Channel>,
    /// For `email`: your own address.
    #[schema(value_type = Option<String>, format = Email)]
    email: Field<Email>,
    /// For `slack` and `webhook`: where messages go. It must lead to an address of the internet.
    #[schema(value_type = Option<String>, format = Uri, max_length = 2048)]
    url: Field<WebhookUrl>,
    /// Without it, `at_once`. A webhook is always told at once.
    #[schema(value_type = Option<words::Cadence>)]
    cadence: Field<Cadence>,
    /// Without them, at any hour.
    #[schema(value_type = Option<QuietHoursInput>)]
    quiet_hours: Field<QuietHoursInput>,
    /// The IANA zone of these hours; without it, the account's.
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    time_zone: Field<Zone>,
}

/// Hours of each day, in civil time. Where `to` is before `from`, they cross midnight.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuietHoursInput {
    /// The first minute, `HH:MM`.
    #[schema(value_type = String, required, example = "22:00")]
    from: Field<TimeOfDay>,
    /// The minute at which they are over, `HH:MM`.
    #[schema(value_type = String, required, example = "07:00")]
    to: Field<TimeOfDay>,
}

impl FromJson for QuietHoursInput {
    type Value = domain::QuietHours;

    fn from_json(json: Value) -> Result<domain::QuietHours, Violations> {
        let (Self { from, to }, mut faults) = object::<Self>(json)?;
        let from = faults.at("/from", from.required());
        let to = faults.at("/to", to.required());
        let hours = from.zip(to).and_then(|(from, to)| faults.at("", domain::QuietHours::new(from, to)));
        faults.finish(|| hours)
    }
}

impl FromJson for SubscriptionInput {
    type Value = NewSubscription;

    fn from_json(json: Value) -> Result<NewSubscription, Violations> {
        let (Self { events, channel, email, url, cadence, quiet_hours, time_zone }, mut faults) =
            object::<Self>(json)?;
        let events = faults.at("/events", events.required());
        let channel = faults.at("/channel", channel.required());
        let email = faults.at("/email", email.optional()).flatten();
        let url = faults.at("/url", url.optional()).flatten();
        let cadence = faults.at("/cadence", cadence.optional());
        let quiet_hours = faults.at("/quiet_hours", quiet_hours.optional());
        let time_zone = faults.at("/time_zone", time_zone.optional());
        let destination = channel.and_then(|channel| {
            let wants_url = channel != Channel::Email;
            let (unwanted, wanted) = if wants_url { ("/email", "/url") } else { ("/url", "/email") };
            if (wants_url && email.is_some()) || (!wants_url && url.is_some()) {
                let message = format!("does not go with the channel {channel}: leave it out");
                faults.push(unwanted, Violation::invalid(message));
            }
            let destination = match channel {
                Channel::Email => email.map(WantedDestination::Email),
                Channel::Slack => url.map(WantedDestination::Slack),
                Channel::Webhook => url.map(WantedDestination::Webhook),
            };
            if destination.is_none() {
                faults.push(wanted, Violation::invalid(format!("the channel {channel} needs it: give it")));
            }
            destination
        });
        faults.finish(|| {
            Some(NewSubscription {
                events: events?,
                destination: destination?,
                cadence: cadence?.unwrap_or(Cadence::AtOnce),
                quiet_hours: quiet_hours?,
                time_zone: time_zone?,
            })
        })
    }
}

/// Changes to a subscription; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubscriptionEdit)]
pub(crate) struct SubscriptionEditInput {
    /// All events that it is about from now on.
    #[schema(value_type = Vec<String>, required = false, min_items = 1, max_items = 50)]
    events: Field<List<OccurrencePattern>>,
    #[schema(value_type = words::Cadence, required = false)]
    cadence: Field<Cadence>,
    /// Other hours; `null` takes them away.
    #[schema(value_type = Option<QuietHoursInput>)]
    quiet_hours: Field<QuietHoursInput>,
    /// Another IANA zone.
    #[schema(value_type = String, required = false)]
    time_zone: Field<Zone>,
}

impl FromJson for SubscriptionEditInput {
    type Value = SubscriptionEdit;

    fn from_json(json: Value) -> Result<SubscriptionEdit, Violations> {
        let (Self { events, cadence, quiet_hours, time_zone }, mut faults) = object::<Self>(json)?;
        let events = faults.at("/events", events.changed());
        let cadence = faults.at("/cadence", cadence.changed());
        let quiet_hours = faults.at("/quiet_hours", quiet_hours.changed_or_cleared());
        let time_zone = faults.at("/time_zone", time_zone.changed());
        faults.finish(|| {
            Some(SubscriptionEdit {
                events: events?,
                cadence: cadence?,
                quiet_hours: quiet_hours?,
                time_zone: time_zone?,
            })
        })
    }
}
