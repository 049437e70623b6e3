use adstead_application::Error;
use adstead_application::events::{
    ExpireEvents, FindRejectedEvents, RebuildFigures, RecordEvents, RecordedEvents, SubmittedEvent,
};
use adstead_domain::port::{Expired, MessageClaim, OutboxMessage, SpendScope};
use adstead_domain::{Actor, ClaimId, Money, Occurrence, PageRequest, PerformanceEvent, Retention, Role};
use adstead_testkit::contract::outbox::OF_CONVERSIONS;
use adstead_testkit::{TestClock, build};
use jiff::SignedDuration;

use crate::desk::Desk;

fn record(desk: &Desk) -> RecordEvents {
    RecordEvents {
        accounts: desk.world.accounts.clone(),
        ads: desk.world.ads.clone(),
        performance: desk.world.performance.clone(),
        archive: desk.world.archive.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
        retention: Retention::default(),
    }
}

fn expire(desk: &Desk) -> ExpireEvents {
    ExpireEvents { archive: desk.world.archive.clone(), clock: desk.clock(), retention: Retention::default() }
}

fn rebuild(desk: &Desk) -> RebuildFigures {
    RebuildFigures { accounts: desk.world.accounts.clone(), archive: desk.world.archive.clone() }
}

fn sent(event: &PerformanceEvent) -> SubmittedEvent {
    SubmittedEvent { payload: event.id.to_string(), event: Ok(event.clone()) }
}

#[tokio::test]
async fn good_events_count_once_and_bad_ones_are_named_by_their_place() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let ad = desk.active_ad(&campaign, &group).await;
    let good = build::event(&ad);
    let mut unknown = build::event(&ad);
    unknown.ad_id = adstead_domain::AdId::new(build::id());
    let garbled = SubmittedEvent { payload: "{".to_owned(), event: Err("this is no JSON".to_owned()) };
    let submitted = vec![sent(&unknown), sent(&good), garbled, sent(&good)];

    let recorded = record(&desk).execute(&desk.actor, submitted.clone()).await.unwrap();
    assert_eq!((recorded.accepted, recorded.duplicates), (1, 1));
    assert_eq!(
        recorded.rejected[0],
        (0, format!("unknown ad {}: send events of this account's ads", unknown.ad_id))
    );
    assert_eq!(recorded.rejected[1], (2, "this is no JSON".to_owned()));

    let again = record(&desk).execute(&desk.actor, submitted).await.unwrap();
    assert_eq!(again, RecordedEvents { accepted: 0, duplicates: 2, rejected: recorded.rejected });
}

#[tokio::test]
async fn conversions_are_told_once_and_in_the_money_of_the_account() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let ad = desk.active_ad(&campaign, &desk.ad_group(&campaign).await).await;
    let money = campaign.budget.currency();
    desk.world.accounts.fix_currency(desk.actor.account_id, money).await.unwrap();
    let converted = build::conversion(&ad, 12_340_000);
    let submitted = vec![sent(&converted), sent(&build::event(&ad)), sent(&converted)];
    for _ in 0..2 {
        record(&desk).execute(&desk.actor, submitted.clone()).await.unwrap();
    }
    let claim = MessageClaim {
        id: ClaimId::new(build::id()),
        subscriber: OF_CONVERSIONS.to_owned(),
        ends_at: TestClock::START + SignedDuration::from_mins(1),
    };
    let told = desk.world.outbox.claim(&claim, 10, TestClock::START).await.unwrap();
    let [OutboxMessage { event, .. }] = &told[..] else { panic!("one is told: {told:?}") };
    assert_eq!((event.occurred_at, event.actor), (converted.occurred_at, Some(desk.actor.user_id)));
    let Occurrence::Conversion { id, revenue, .. } = &event.occurrence else { panic!("{event:?}") };
    assert_eq!((*id, *revenue), (converted.id, Some(Money::new(12_340_000, money))));
}

#[tokio::test]
async fn an_ad_of_another_account_is_an_unknown_ad() {
    let (desk, stranger) = (Desk::new().await, Desk::new().await);
    let campaign = stranger.campaign().await;
    let group = stranger.ad_group(&campaign).await;
    let ad = stranger.active_ad(&campaign, &group).await;
    let recorded = record(&desk).execute(&desk.actor, vec![sent(&build::event(&ad))]).await.unwrap();
    assert_eq!((recorded.accepted, recorded.rejected.len()), (0, 1));
}

#[tokio::test]
async fn too_many_events_are_refused_before_any_is_counted() {
    let desk = Desk::new().await;
    let many = vec![
        SubmittedEvent { payload: String::new(), event: Err(String::new()) };
        RecordEvents::MAX_EVENTS + 1
    ];
    assert!(matches!(record(&desk).execute(&desk.actor, many).await, Err(Error::Rules(_))));
}

#[tokio::test]
async fn who_may_only_read_sends_no_events() {
    let desk = Desk::new().await;
    for role in [Role::Viewer, Role::Reviewer] {
        let actor = Actor { role, ..desk.actor };
        assert!(matches!(record(&desk).execute(&actor, Vec::new()).await, Err(Error::Rules(_))));
    }
}

#[tokio::test]
async fn a_batch_sent_again_after_it_expired_is_too_old_and_counts_nowhere() {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let ad = desk.active_ad(&campaign, &group).await;
    let batch: Vec<_> = (0..3).map(|_| sent(&build::event(&ad))).collect();
    let spent = async || {
        let spend = desk.world.analytics.spend(desk.account.id, SpendScope::Account, TestClock::START);
        spend.await.unwrap().lifetime_micros
    };
    assert_eq!(record(&desk).execute(&desk.actor, batch.clone()).await.unwrap().accepted, 3);
    desk.clock.advance(90 * DAY);
    assert_eq!(expire(&desk).execute().await.unwrap(), Expired::default());
    assert_eq!(record(&desk).execute(&desk.actor, batch.clone()).await.unwrap().duplicates, 3);
    desk.clock.advance(2 * DAY);
    assert_eq!(expire(&desk).execute().await.unwrap(), Expired { events: 3, rejected: 0 });

    let longer = RecordEvents { retention: Retention::MAX, ..record(&desk) };
    for record in [record(&desk), longer] {
        let again = record.execute(&desk.actor, batch.clone()).await.unwrap();
        assert_eq!((again.accepted, again.duplicates, again.rejected.len()), (0, 0, 3));
        assert!(again.rejected[0].1.contains("is too old: events are kept for"), "{:?}", again.rejected);
    }
    assert_eq!(spent().await, 6_000);
    let find = FindRejectedEvents { archive: desk.world.archive.clone() };
    let rejected = find.list(&desk.actor, PageRequest::default()).await.unwrap().items;
    assert_eq!(rejected.len(), 3);
    assert!(rejected[0].event.reason.contains("kept for 3650 days"), "{:?}", rejected[0]);
}

#[tokio::test]
async fn who_may_send_no_events_does_not_see_what_was_rejected() {
    let desk = Desk::new().await;
    let find = FindRejectedEvents { archive: desk.world.archive.clone() };
    let actor = Actor { role: Role::Viewer, ..desk.actor };
    assert!(matches!(find.list(&actor, PageRequest::default()).await, Err(Error::Rules(_))));
}

#[tokio::test]
async fn figures_are_rebuilt_of_one_account_or_of_all() {
    let desk = Desk::new().await;
    let name = desk.account.name.as_str().to_owned();
    for _ in 0..60 {
        desk.world.account().await;
    }
    let rebuild = rebuild(&desk);
    assert_eq!(rebuild.accounts(Some(&name)).await.unwrap(), [desk.account]);
    assert!(matches!(rebuild.accounts(Some("nobody")).await, Err(Error::NotFound { what: "account", .. })));
    let all = rebuild.accounts(None).await.unwrap();
    assert_eq!(all.len(), 61);
    for account in all {
        assert_eq!(rebuild.compare(account.id).await.unwrap().differing, 0);
        assert_eq!(rebuild.mend(account.id).await.unwrap().differing, 0);
    }
}
