//! From an event to those who subscribed to it.

use std::sync::Arc;
use std::time::Duration;

use adstead_application::Error;
use adstead_application::notifications::{
    FanOut, ManageSubscriptions, NewSubscription, NotifySubscribers, RestingLines, Subscribe,
    SubscriptionEdit, WantedDestination,
};
use adstead_application::outbox::Undeliverable;
use adstead_domain::port::{EventSubscriber, OutboxSelection, PortError, PortErrorKind, Reception};
use adstead_domain::{
    Actor, AdChange, BudgetChange, BudgetLimit, Cadence, Destination, DomainEvent, DomainEventId, Line,
    Money, Occurrence, Redelivery, Role, Subscription, SuspensionReason, Timing, User,
};
use adstead_testkit::contract::outbox::SUBSCRIBERS;
use adstead_testkit::contract::{run_all, subscriber};
use adstead_testkit::memory::MemoryNotifier;
use adstead_testkit::{CountingEntropy, build};
use jiff::SignedDuration;

use crate::desk::Desk;

/// A desk, and somebody who brings news from it.
struct Telling {
    desk: Desk,
    notifier: Arc<MemoryNotifier>,
    fan_out: FanOut,
    notify: NotifySubscribers,
    manage: ManageSubscriptions,
    entropy: Arc<CountingEntropy>,
}

impl Telling {
    async fn new() -> Self {
        let desk = Desk::in_zone("Europe/Berlin").await;
        let (notifier, entropy) = (Arc::new(MemoryNotifier::default()), Arc::new(CountingEntropy::default()));
        let (subscriptions, outbox) = (desk.world.subscriptions.clone(), desk.world.outbox.clone());
        let fan_out =
            FanOut { subscriptions: subscriptions.clone(), outbox: outbox.clone(), clock: desk.clock() };
        let notify = NotifySubscribers {
            subscriptions: subscriptions.clone(),
            outbox: outbox.clone(),
            notifier: notifier.clone(),
            clock: desk.clock(),
            ids: desk.ids(),
            redelivery: Redelivery::new(Duration::from_secs(1), Duration::from_secs(60), 3).unwrap(),
            undeliverable: Some(Undeliverable { alerts: desk.world.alerts.clone(), clock: desk.clock() }),
            is_stopping: Arc::default(),
            resting: RestingLines::default(),
        };
        let manage = ManageSubscriptions {
            subscriptions,
            outbox,
            clock: desk.clock(),
            ids: desk.ids(),
            entropy: entropy.clone(),
        };
        Self { desk, notifier, fan_out, notify, manage, entropy }
    }

    fn subscribe(&self) -> Subscribe {
        Subscribe {
            accounts: self.desk.world.accounts.clone(),
            subscriptions: self.desk.world.subscriptions.clone(),
            notifier: self.notifier.clone(),
            clock: self.desk.clock(),
            ids: self.desk.ids(),
            entropy: self.entropy.clone(),
        }
    }

    /// A subscription to everything, told in this way.
    async fn subscribed(&self, events: &str, cadence: Cadence) -> Subscription {
        let timing = Timing { cadence, quiet_hours: None, time_zone: self.desk.account.time_zone.clone() };
        let events = vec![events.parse().unwrap()];
        let subscription = Subscription { events, timing, ..build::subscription(&self.desk.user) };
        self.desk.world.subscriptions.insert(&subscription).await.unwrap();
        subscription
    }

    fn happened(&self, change: AdChange) -> DomainEvent {
        let campaign = build::campaign(&self.desk.user);
        let ad = build::ad(&build::ad_group(&campaign), &campaign);
        self.event(ad.occurrence(change))
    }

    fn event(&self, occurrence: Occurrence) -> DomainEvent {
        build::told(&self.desk.user, occurrence)
    }

    async fn fan_out(&self, events: &[&DomainEvent]) {
        self.fan_out.deliver(events).await.unwrap();
    }

    /// Tells all that is due.
    async fn round(&self) {
        for line in self.notify.due().await.unwrap() {
            self.notify.deliver(&line).await.unwrap();
        }
    }

    /// What was brought so far, as the names of what came together.
    fn brought(&self) -> Vec<Vec<String>> {
        let names =
            |events: Vec<DomainEvent>| events.iter().map(|it| it.occurrence.name().to_string()).collect();
        self.notifier.brought().into_iter().map(|(_, events)| names(events)).collect()
    }

    fn wait(&self, time: SignedDuration) {
        self.desk.clock.advance(time);
    }

    async fn waiting(&self, subscription: &Subscription) -> usize {
        let mut waiting = 0;
        for line in [Line::Now(subscription.id), Line::Later(subscription.id)] {
            let of_line =
                OutboxSelection { subscriber: Some(line.to_string()), ..OutboxSelection::default() };
            waiting += self.desk.world.outbox.list(&of_line, None, 100).await.unwrap().len();
        }
        waiting
    }
}

fn budget_reached() -> Occurrence {
    let dollars = |amount: i64| Money::new(amount * 1_000_000, "USD".parse().unwrap());
    Occurrence::Budget {
        change: BudgetChange::Reached,
        campaign_id: adstead_domain::CampaignId::new(build::id()),
        name: "Spring".parse().unwrap(),
        limit: BudgetLimit::Daily,
        spent: dollars(10),
        of: dollars(10),
    }
}

#[tokio::test]
async fn who_gives_events_out_and_who_is_told_by_a_line_keep_the_contract() {
    let make = async || {
        let telling = Telling::new().await;
        telling.subscribed("*", Cadence::AtOnce).await;
        Arc::new(telling.fan_out) as _
    };
    run_all("FanOut", "EventSubscriber", subscriber::CASES, make).await;
    for line in [Line::Now, Line::Later] {
        let make = async || {
            let telling = Telling::new().await;
            let subscription = telling.subscribed("*", Cadence::AtOnce).await;
            let found = telling.notify.subscriber(&line(subscription.id).to_string()).await.unwrap();
            found.expect("the subscription is there")
        };
        run_all("SubscribedLine", "EventSubscriber", subscriber::CASES, make).await;
    }
}

#[tokio::test]
async fn each_subscription_is_told_of_what_it_asked_for_once() {
    let telling = Telling::new().await;
    telling.subscribed("ad.rejected", Cadence::AtOnce).await;
    telling.subscribed("ad.*", Cadence::AtOnce).await;
    let events = [telling.happened(AdChange::Rejected), telling.happened(AdChange::Approved)];
    for _ in 0..2 {
        // Whoever gives events out may die after that, and then gives them out again.
        telling.fan_out(&[&events[0], &events[1]]).await;
    }
    telling.round().await;
    let mut brought = telling.brought();
    brought.sort();
    assert_eq!(brought, [["ad.approved"], ["ad.rejected"], ["ad.rejected"]]);
    telling.round().await;
    assert_eq!(telling.brought().len(), 3);
}

#[tokio::test]
async fn an_event_of_another_account_is_nobody_s_business() {
    let telling = Telling::new().await;
    telling.subscribed("*", Cadence::AtOnce).await;
    telling.fan_out(&[&build::happened(AdChange::Rejected)]).await;
    telling.round().await;
    assert!(telling.brought().is_empty());
}

#[tokio::test]
async fn what_can_wait_comes_together_at_its_time_and_what_is_critical_at_once() {
    let telling = Telling::new().await;
    telling.subscribed("*", Cadence::Daily).await;
    let events = [
        telling.happened(AdChange::Rejected),
        telling.event(budget_reached()),
        telling.happened(AdChange::Approved),
    ];
    telling.fan_out(&[&events[0], &events[1], &events[2]]).await;
    telling.round().await;
    assert_eq!(telling.brought(), [["budget.reached"]]);
    telling.wait(SignedDuration::from_hours(24));
    telling.round().await;
    assert_eq!(telling.brought()[1..], [["ad.rejected", "ad.approved"]]);
}

#[tokio::test]
async fn one_who_cannot_be_told_delays_nobody_else_and_is_told_later() {
    let telling = Telling::new().await;
    let subscriptions =
        [telling.subscribed("*", Cadence::AtOnce).await, telling.subscribed("*", Cadence::AtOnce).await];
    telling.notifier.next(Err(PortError::new(PortErrorKind::Unavailable, "notifier.notify")));
    telling.fan_out(&[&telling.happened(AdChange::Rejected)]).await;
    telling.round().await;
    assert_eq!(telling.brought().len(), 1, "the other one was told");
    telling.wait(SignedDuration::from_secs(2));
    assert_eq!(telling.notify.due().await.unwrap(), [""; 0], "a line that nobody answers on is let rest");
    telling.wait(NotifySubscribers::REST);
    telling.round().await;
    let told: std::collections::BTreeSet<_> = telling.notifier.brought().iter().map(|(id, _)| *id).collect();
    assert_eq!(told, subscriptions.iter().map(|it| it.id).collect());
}

#[tokio::test]
async fn of_news_that_never_arrive_somebody_else_is_told_but_not_for_ever() {
    let telling = Telling::new().await;
    let subscription = telling.subscribed("ad.*", Cadence::AtOnce).await;
    let refusal = || Err(PortError::new(PortErrorKind::Rejected, "notifier.notify"));
    telling.notifier.next(refusal());
    let event = telling.happened(AdChange::Rejected);
    telling.fan_out(&[&event]).await;
    telling.round().await;
    assert_eq!(telling.waiting(&subscription).await, 1, "it is a dead letter");
    let of_log =
        OutboxSelection { subscriber: Some(SUBSCRIBERS[0].to_owned()), ..OutboxSelection::default() };
    let found = telling.desk.world.outbox.list(&of_log, None, 10).await.unwrap();
    assert_eq!((found.len(), found[0].name.as_str()), (1, "delivery.dead_lettered"));
    // Where one never arrives, many may not: somebody is told once an hour.
    for (hours, told) in [(0, 1), (1, 2)] {
        telling.wait(SignedDuration::from_hours(hours));
        telling.notifier.next(refusal());
        telling.fan_out(&[&telling.happened(AdChange::Rejected)]).await;
        telling.round().await;
        assert_eq!(telling.desk.world.outbox.list(&of_log, None, 10).await.unwrap().len(), told);
    }
    // News of dead letters that become dead letters themselves are the end of it.
    let dead = telling.event(Occurrence::Delivery {
        change: adstead_domain::DeliveryChange::DeadLettered,
        subscriber: "log".to_owned(),
        event: "ad.rejected".to_owned(),
        event_id: DomainEventId::new(build::id()),
    });
    telling.subscribed("delivery.*", Cadence::AtOnce).await;
    telling.notifier.next(refusal());
    telling.fan_out(&[&dead]).await;
    telling.round().await;
    assert_eq!(telling.desk.world.outbox.list(&of_log, None, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_webhook_that_is_gone_is_told_nothing_any_more_until_it_is_resumed() {
    let telling = Telling::new().await;
    let subscription = telling.subscribed("*", Cadence::AtOnce).await;
    telling.notifier.next(Ok(Reception::Gone));
    for change in [AdChange::Rejected, AdChange::Approved] {
        telling.fan_out(&[&telling.happened(change)]).await;
        telling.round().await;
    }
    assert_eq!(telling.brought().len(), 1);
    assert_eq!(telling.waiting(&subscription).await, 0);
    let actor = &telling.desk.actor;
    let suspended = telling.manage.get(actor, subscription.id).await.unwrap().suspended;
    assert_eq!(suspended.unwrap().reason, SuspensionReason::Gone);
    telling.manage.test(actor, subscription.id).await.unwrap_err();
    telling.manage.resume(actor, subscription.id).await.unwrap();
    telling.manage.test(actor, subscription.id).await.unwrap();
    telling.round().await;
    assert_eq!(telling.brought()[1..], [["subscription.tested"]]);
}

#[tokio::test]
async fn what_waits_goes_with_its_subscription() {
    let telling = Telling::new().await;
    let subscription = telling.subscribed("*", Cadence::Daily).await;
    telling.fan_out(&[&telling.happened(AdChange::Rejected)]).await;
    assert_eq!(telling.waiting(&subscription).await, 1);
    telling.manage.delete(&telling.desk.actor, subscription.id).await.unwrap();
    assert_eq!(telling.waiting(&subscription).await, 0);
    assert!(matches!(
        telling.manage.get(&telling.desk.actor, subscription.id).await,
        Err(Error::NotFound { .. })
    ));
}

#[tokio::test]
async fn mail_goes_to_nobody_but_whoever_asked_for_it() {
    let telling = Telling::new().await;
    let stranger = User { email: "eve@example.com".parse().unwrap(), ..build::user(&telling.desk.account) };
    telling.desk.world.accounts.insert_user(&stranger).await.unwrap();
    let wanted = |email: &adstead_domain::Email| NewSubscription {
        events: vec!["*".parse().unwrap()],
        destination: WantedDestination::Email(email.clone()),
        cadence: Cadence::AtOnce,
        quiet_hours: None,
        time_zone: None,
    };
    let (subscribe, actor) = (telling.subscribe(), telling.desk.actor);
    for email in [&stranger.email, &"nobody@example.com".parse().unwrap()] {
        assert!(matches!(subscribe.execute(&actor, wanted(email)).await, Err(Error::Rules(_))), "{email}");
    }
    let made = subscribe.execute(&actor, wanted(&telling.desk.user.email)).await.unwrap();
    assert_eq!(made.timing.time_zone, telling.desk.account.time_zone);
    let viewer = Actor { role: Role::Viewer, user_id: stranger.id, ..actor };
    assert!(telling.manage.list(&viewer).await.unwrap().is_empty(), "others see their own");
    assert_eq!(telling.manage.list(&actor).await.unwrap(), [made]);
    let url = "https://forbidden.example/".parse().unwrap();
    let slack = NewSubscription { destination: WantedDestination::Slack(url), ..wanted(&stranger.email) };
    let refusal = subscribe.execute(&viewer, slack.clone()).await.unwrap_err().to_string();
    assert!(refusal.contains("may not write"), "{refusal}");
    let refusal = subscribe.execute(&actor, slack).await.unwrap_err().to_string();
    assert!(refusal.contains("nothing goes to forbidden.example"), "{refusal}");
}

#[tokio::test]
async fn a_rotated_secret_counts_beside_the_old_one_for_a_day() {
    let telling = Telling::new().await;
    let new = NewSubscription {
        events: vec!["*".parse().unwrap()],
        destination: WantedDestination::Webhook("https://example.com/hook".parse().unwrap()),
        cadence: Cadence::AtOnce,
        quiet_hours: None,
        time_zone: None,
    };
    let made = telling.subscribe().execute(&telling.desk.actor, new).await.unwrap();
    let rotated = telling.manage.rotate(&telling.desk.actor, made.id).await.unwrap();
    let secrets = |subscription: &Subscription| match &subscription.destination {
        Destination::Webhook { secrets, .. } => secrets.clone(),
        other => panic!("{other:?}"),
    };
    let (before, after, now) = (secrets(&made), secrets(&rotated), telling.desk.clock().now());
    assert_ne!(before.current(), after.current());
    assert_eq!(after.active(now), [after.current(), before.current()]);
    assert_eq!(after.active(now + SignedDuration::from_hours(25)), [after.current()]);
    // Whoever lost the answer and asks once more does not cut off a receiver that knows the first.
    let again = secrets(&telling.manage.rotate(&telling.desk.actor, made.id).await.unwrap());
    assert_eq!(again.active(now), [again.current(), after.current(), before.current()]);
    let by_mail = telling.subscribed("*", Cadence::AtOnce).await;
    telling.manage.rotate(&telling.desk.actor, by_mail.id).await.unwrap_err();
}

#[tokio::test]
async fn a_line_whose_first_message_waits_is_not_due_for_what_comes_after_it() {
    let telling = Telling::new().await;
    telling.subscribed("*", Cadence::AtOnce).await;
    let campaign = build::campaign(&telling.desk.user);
    let ad = build::ad(&build::ad_group(&campaign), &campaign);
    telling.notifier.next(Err(PortError::new(PortErrorKind::Unexpected, "notifier.notify")));
    telling.fan_out(&[&telling.event(ad.occurrence(AdChange::Submitted))]).await;
    telling.round().await;
    telling.fan_out(&[&telling.event(ad.occurrence(AdChange::Approved))]).await;
    assert_eq!(telling.notify.due().await.unwrap(), [""; 0]);
    telling.wait(SignedDuration::from_secs(2));
    telling.round().await;
    assert_eq!(telling.brought(), [["ad.submitted"], ["ad.approved"]]);
}

#[tokio::test]
async fn news_that_did_not_arrive_before_quiet_hours_wait_for_their_end_and_critical_ones_do_not() {
    let telling = Telling::new().await;
    // 22:00 to 07:00 in Berlin, where the test begins at 10:00.
    let subscription = build::subscription(&telling.desk.user);
    telling.desk.world.subscriptions.insert(&subscription).await.unwrap();
    telling.wait(SignedDuration::from_mins(11 * 60 + 59));
    telling.notifier.next(Err(PortError::new(PortErrorKind::Unavailable, "notifier.notify")));
    telling.fan_out(&[&telling.happened(AdChange::Rejected)]).await;
    telling.round().await;
    telling.wait(SignedDuration::from_mins(5));
    telling.fan_out(&[&telling.event(budget_reached())]).await;
    telling.round().await;
    assert_eq!(telling.brought(), [["budget.reached"]]);
    telling.wait(SignedDuration::from_hours(8));
    telling.round().await;
    assert_eq!(telling.brought().len(), 1, "it is still night");
    telling.wait(SignedDuration::from_hours(1));
    telling.round().await;
    assert_eq!(telling.brought()[1..], [["ad.rejected"]]);
}

#[tokio::test]
async fn what_a_subscription_is_no_longer_about_is_not_told() {
    let telling = Telling::new().await;
    let subscription = telling.subscribed("*", Cadence::Daily).await;
    telling.fan_out(&[&telling.happened(AdChange::Rejected), &telling.happened(AdChange::Approved)]).await;
    let events = Some(vec!["ad.approved".parse().unwrap()]);
    let edit = SubscriptionEdit { events, ..SubscriptionEdit::default() };
    telling.manage.edit(&telling.desk.actor, subscription.id, edit, None).await.unwrap();
    telling.wait(SignedDuration::from_hours(24));
    telling.round().await;
    assert_eq!(telling.brought(), [["ad.approved"]]);
    assert_eq!(telling.waiting(&subscription).await, 0);
}

#[tokio::test]
async fn what_waits_is_dropped_by_a_pause() {
    let telling = Telling::new().await;
    let subscription = telling.subscribed("*", Cadence::Daily).await;
    telling.fan_out(&[&telling.happened(AdChange::Rejected)]).await;
    telling.manage.pause(&telling.desk.actor, subscription.id).await.unwrap();
    telling.manage.resume(&telling.desk.actor, subscription.id).await.unwrap();
    assert_eq!(telling.waiting(&subscription).await, 0);
}
