use std::sync::Arc;

use adstead_domain::port::{Clock, Entropy, IdGenerator, Outbox, OutboxSelection, SubscriptionRepository};
use adstead_domain::{
    Actor, Cadence, Destination, DomainEvent, DomainEventId, Line, Occurrence, OccurrencePattern, Permission,
    QuietHours, Subscription, SubscriptionChange, SubscriptionId, Suspension, SuspensionReason, UserId,
    Version, Violation, WebhookSecret, Zone,
};

use crate::Error;
use crate::error::expect_version;

/// Shows, changes and ends subscriptions. Each user has their own; admins have all of the account.
pub struct ManageSubscriptions {
    /// Where subscriptions are kept.
    pub subscriptions: Arc<dyn SubscriptionRepository>,
    /// Where news wait.
    pub outbox: Arc<dyn Outbox>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// Where secrets come from.
    pub entropy: Arc<dyn Entropy>,
}

/// What of a subscription is to be another; nothing stays as it is.
#[derive(Debug, Clone, Default)]
pub struct SubscriptionEdit {
    /// Of what.
    pub events: Option<Vec<OccurrencePattern>>,
    /// How often.
    pub cadence: Option<Cadence>,
    /// When not; `Some(None)` is never.
    pub quiet_hours: Option<Option<QuietHours>>,
    /// Whose clock counts.
    pub time_zone: Option<Zone>,
}

impl ManageSubscriptions {
    /// The actor's subscriptions, or for an admin the account's, newest first.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn list(&self, actor: &Actor) -> Result<Vec<Subscription>, Error> {
        actor.must(Permission::Read)?;
        Ok(self.subscriptions.of_account(actor.account_id, whose(actor)).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, actor: &Actor, id: SubscriptionId) -> Result<Subscription, Error> {
        actor.must(Permission::Read)?;
        let found = self.subscriptions.get(actor.account_id, id).await?;
        let seen = found.filter(|found| whose(actor).is_none_or(|user| user == found.user_id));
        seen.ok_or_else(|| Error::not_found("subscription", id))
    }

    /// Changes what it is about, or when it tells.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Stale`]; [`Error::Rules`].
    pub async fn edit(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        edit: SubscriptionEdit,
        seen: Option<Version>,
    ) -> Result<Subscription, Error> {
        let mut subscription = self.get(actor, id).await?;
        expect_version(seen, subscription.version)?;
        let SubscriptionEdit { events, cadence, quiet_hours, time_zone } = edit;
        let timing = &mut subscription.timing;
        timing.cadence = cadence.unwrap_or(timing.cadence);
        timing.quiet_hours = quiet_hours.unwrap_or(timing.quiet_hours);
        if let Some(zone) = time_zone {
            timing.time_zone = zone;
        }
        subscription.events = events.unwrap_or(subscription.events);
        self.update(subscription.checked()?).await
    }

    /// Tells nothing for now. What waits is dropped.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn pause(&self, actor: &Actor, id: SubscriptionId) -> Result<Subscription, Error> {
        let subscription = self.get(actor, id).await?;
        let suspension = Suspension { reason: SuspensionReason::Paused, since: self.clock.now() };
        let suspended = subscription.suspended.or(Some(suspension));
        let paused = self.update(Subscription { suspended, ..subscription }).await?;
        self.drop_what_waits(id).await?;
        Ok(paused)
    }

    /// Tells again, also where a webhook had said that there was nobody any more.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn resume(&self, actor: &Actor, id: SubscriptionId) -> Result<Subscription, Error> {
        let subscription = self.get(actor, id).await?;
        self.update(Subscription { suspended: None, ..subscription }).await
    }

    /// Gives a webhook another secret; the one of before counts on for a day.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] for a subscription without a secret.
    pub async fn rotate(&self, actor: &Actor, id: SubscriptionId) -> Result<Subscription, Error> {
        let subscription = self.get(actor, id).await?;
        let Destination::Webhook { url, secrets } = subscription.destination else {
            let channel = subscription.destination.channel();
            return Err(Violation::state(format!(
                "a subscription by {channel} has no secret: only a webhook has one"
            ))
            .into());
        };
        let secret = WebhookSecret::generate(self.entropy.as_ref());
        let destination = Destination::Webhook { url, secrets: secrets.rotated(secret, self.clock.now()) };
        self.update(Subscription { destination, ..subscription }).await
    }

    /// Sends news that say no more than that they arrive; they come by the same way as all others.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] for one that is suspended.
    pub async fn test(&self, actor: &Actor, id: SubscriptionId) -> Result<DomainEventId, Error> {
        let subscription = self.get(actor, id).await?;
        if let Some(Suspension { reason, .. }) = subscription.suspended {
            return Err(
                Violation::state(format!("the subscription rests ({reason}): resume it first")).into()
            );
        }
        let occurrence = Occurrence::Subscription { change: SubscriptionChange::Tested, id };
        let event =
            DomainEvent::new(DomainEventId::new(self.ids.next()), actor, occurrence, self.clock.now());
        let (event_id, line) = (event.id, Line::Now(id).to_string());
        self.outbox.post(&line, &[event], None).await?;
        Ok(event_id)
    }

    /// Ends a subscription, with what still waits to be told.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete(&self, actor: &Actor, id: SubscriptionId) -> Result<(), Error> {
        let subscription = self.get(actor, id).await?;
        if !self.subscriptions.delete(subscription.account_id, id).await? {
            return Err(Error::not_found("subscription", id));
        }
        self.drop_what_waits(id).await
    }

    async fn drop_what_waits(&self, id: SubscriptionId) -> Result<(), Error> {
        for line in [Line::Now(id), Line::Later(id)] {
            let waiting =
                OutboxSelection { subscriber: Some(line.to_string()), ..OutboxSelection::default() };
            self.outbox.purge(&waiting, self.clock.now()).await?;
        }
        Ok(())
    }

    async fn update(&self, subscription: Subscription) -> Result<Subscription, Error> {
        let version = self.subscriptions.update(&subscription).await?;
        Ok(Subscription { version, ..subscription })
    }
}

/// Whose subscriptions the actor has to do with; nothing is everybody's.
fn whose(actor: &Actor) -> Option<UserId> {
    (!actor.role.allows(Permission::Administer)).then_some(actor.user_id)
}
