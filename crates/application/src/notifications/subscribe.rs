use std::error::Error as _;
use std::sync::Arc;

use adstead_domain::port::{
    AccountRepository, Chain, Clock, Entropy, IdGenerator, Notifier, PortErrorKind, SubscriptionRepository,
};
use adstead_domain::{
    Actor, Cadence, Destination, Email, OccurrencePattern, Permission, QuietHours, Subscription,
    SubscriptionId, Timing, Version, Violation, WebhookSecret, WebhookSecrets, WebhookUrl, Zone,
};

use crate::Error;
use crate::accounts::account_of;

/// Notes that somebody wants to be told of something.
pub struct Subscribe {
    /// Where users and the account's zone are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where subscriptions are kept.
    pub subscriptions: Arc<dyn SubscriptionRepository>,
    /// Who tells.
    pub notifier: Arc<dyn Notifier>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// Where secrets come from.
    pub entropy: Arc<dyn Entropy>,
}

/// What somebody wants to be told of, where and when.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// Of what.
    pub events: Vec<OccurrencePattern>,
    /// Where.
    pub destination: WantedDestination,
    /// How often.
    pub cadence: Cadence,
    /// When not.
    pub quiet_hours: Option<QuietHours>,
    /// Whose clock counts; nothing is the account's.
    pub time_zone: Option<Zone>,
}

/// Where somebody wants to be told.
#[derive(Debug, Clone)]
pub enum WantedDestination {
    /// By mail to an address of their own.
    Email(Email),
    /// In a chat.
    Slack(WebhookUrl),
    /// By a program, whose secret is made here.
    Webhook(WebhookUrl),
}

impl Subscribe {
    /// Notes the wish.
    ///
    /// # Errors
    /// [`Error::Rules`] for somebody else's mailbox, an address that nothing may be sent to, events that nobody knows, or more
    /// than [`Subscription::MOST`] subscriptions in the account.
    pub async fn execute(&self, actor: &Actor, new: NewSubscription) -> Result<Subscription, Error> {
        let NewSubscription { events, destination, cadence, quiet_hours, time_zone } = new;
        let destination = self.destination(actor, destination).await?;
        let time_zone = match time_zone {
            Some(zone) => zone,
            None => account_of(self.accounts.as_ref(), actor).await?.time_zone,
        };
        let subscription = Subscription {
            id: SubscriptionId::new(self.ids.next()),
            account_id: actor.account_id,
            user_id: actor.user_id,
            events,
            destination,
            timing: Timing { cadence, quiet_hours, time_zone },
            suspended: None,
            created_at: self.clock.now(),
            version: Version::FIRST,
        };
        let subscription = subscription.checked()?;
        self.may_be_told(&subscription.destination).await?;
        self.subscriptions.insert(&subscription).await.map_err(|error| match error.kind {
            PortErrorKind::Conflict => too_many(),
            _ => error.into(),
        })?;
        Ok(subscription)
    }

    async fn destination(&self, actor: &Actor, wanted: WantedDestination) -> Result<Destination, Error> {
        match wanted {
            WantedDestination::Email(address) => {
                actor.must(Permission::Read)?;
                let user = self.accounts.user_by_email(actor.account_id, &address).await?;
                if user.is_none_or(|user| user.id != actor.user_id) {
                    let message =
                        format!("{address} is not the address that you are known by here: give that one");
                    return Err(Violation::invalid(message).at("/email").into());
                }
                Ok(Destination::Email { address })
            }
            WantedDestination::Slack(url) => {
                actor.must(Permission::Write)?;
                Ok(Destination::Slack { url })
            }
            WantedDestination::Webhook(url) => {
                actor.must(Permission::Write)?;
                let secrets = WebhookSecrets::new(WebhookSecret::generate(self.entropy.as_ref()));
                Ok(Destination::Webhook { url, secrets })
            }
        }
    }

    async fn may_be_told(&self, destination: &Destination) -> Result<(), Error> {
        let pointer = match destination {
            Destination::Email { .. } => "/channel",
            Destination::Slack { .. } | Destination::Webhook { .. } => "/url",
        };
        self.notifier.check(destination).await.map_err(|error| match (error.kind, error.source()) {
            (PortErrorKind::Rejected, Some(why)) => {
                Violation::invalid(Chain(why).to_string()).at(pointer).into()
            }
            _ => error.into(),
        })
    }
}

fn too_many() -> Error {
    let most = Subscription::MOST;
    Violation::state(format!(
        "the account has {most} subscriptions, and no more are possible: remove one first"
    ))
    .into()
}
