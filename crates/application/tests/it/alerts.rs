//! What Adstead finds out by itself.

use adstead_application::alerts::{
    ForgetAlerts, SeenService, ToldServices, WatchBudgets, WatchClicks, WatchServices,
};
use adstead_domain::port::OutboxSelection;
use adstead_domain::{Ad, Campaign, CampaignStatus, Metrics, PerformanceEvent, ServiceChange};
use adstead_testkit::contract::outbox::SUBSCRIBERS;
use adstead_testkit::{TestClock, build};
use jiff::SignedDuration;

use crate::desk::Desk;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What a subscriber would be told, by name.
async fn found(desk: &Desk) -> Vec<String> {
    let of_first =
        OutboxSelection { subscriber: Some(SUBSCRIBERS[0].to_owned()), ..OutboxSelection::default() };
    let entries = desk.world.outbox.list(&of_first, None, 100).await.unwrap();
    entries.into_iter().map(|entry| entry.name).collect()
}

async fn active(desk: &Desk) -> (Campaign, Ad) {
    let campaign = Campaign { status: CampaignStatus::Active, ..build::campaign(&desk.user) };
    desk.world.campaigns.insert(&campaign, &[]).await.unwrap();
    let group = desk.ad_group(&campaign).await;
    let ad = desk.active_ad(&campaign, &group).await;
    (campaign, ad)
}

fn budgets(desk: &Desk) -> WatchBudgets {
    WatchBudgets {
        accounts: desk.world.accounts.clone(),
        campaigns: desk.world.campaigns.clone(),
        analytics: desk.world.analytics.clone(),
        alerts: desk.world.alerts.clone(),
        clock: desk.clock(),
        every_seconds: 60,
    }
}

fn clicks(desk: &Desk) -> WatchClicks {
    WatchClicks {
        accounts: desk.world.accounts.clone(),
        ads: desk.world.ads.clone(),
        analytics: desk.world.analytics.clone(),
        alerts: desk.world.alerts.clone(),
        clock: desk.clock(),
    }
}

#[tokio::test]
async fn a_budget_is_told_of_at_four_fifths_and_at_its_end_once_each() {
    let desk = Desk::new().await;
    let (campaign, ad) = active(&desk).await;
    let total = campaign.budget.total().micros();
    let spend = async |micros: i64| {
        let figures = Metrics { clicks: 1, spend_micros: micros, ..Metrics::default() };
        desk.happened(&ad, TestClock::START - SignedDuration::from_hours(48), figures).await;
    };
    let watch = budgets(&desk);
    let round = async || {
        desk.clock.advance(SignedDuration::from_mins(1));
        watch.execute().await.unwrap()
    };
    spend(total / 100 * 79).await;
    assert_eq!(round().await, 0);
    spend(total / 100).await;
    assert_eq!(round().await, 1);
    assert_eq!(round().await, 0, "it is told once");
    spend(total / 5).await;
    assert_eq!(round().await, 1);
    assert_eq!(round().await, 0);
    assert_eq!(found(&desk).await, ["budget.nearly_reached", "budget.reached"]);
}

#[tokio::test]
async fn of_several_nodes_one_looks_in_each_round() {
    let desk = Desk::new().await;
    let (campaign, ad) = active(&desk).await;
    let figures = Metrics { clicks: 1, spend_micros: campaign.budget.total().micros(), ..Metrics::default() };
    desk.happened(&ad, TestClock::START - SignedDuration::from_hours(48), figures).await;
    let nodes = [budgets(&desk), budgets(&desk)];
    let raised = [nodes[0].execute().await.unwrap(), nodes[1].execute().await.unwrap()];
    assert_eq!(raised, [1, 0]);
}

#[tokio::test]
async fn an_account_that_cannot_be_looked_at_hides_no_other() {
    let desk = Desk::new().await;
    let (campaign, ad) = active(&desk).await;
    let figures = Metrics { clicks: 1, spend_micros: campaign.budget.total().micros(), ..Metrics::default() };
    desk.happened(&ad, TestClock::START - 48 * HOUR, figures).await;
    // Newer, and so looked at before: what it spent is more than 64 bits hold.
    let account = build::account();
    let user = build::user(&account);
    desk.world.accounts.insert(&account).await.unwrap();
    let theirs = Desk { account, actor: desk.actor, user, ..Desk::new().await };
    let theirs = Desk { world: desk.world.clone(), ..theirs };
    let (_, costly) = active(&theirs).await;
    let event = || PerformanceEvent { cost_micros: i64::MAX, ..build::event(&costly) };
    let batch = build::batch([event(), event()]);
    desk.world.performance.record(theirs.account.id, batch).await.unwrap();
    assert_eq!(budgets(&desk).execute().await.unwrap(), 1);
}

#[tokio::test]
async fn clicks_that_break_down_are_told_of_once_a_day() {
    let desk = Desk::new().await;
    let (_, ad) = active(&desk).await;
    let (_, steady) = active(&desk).await;
    let shown = |clicks| Metrics { impressions: 1_000, clicks, ..Metrics::default() };
    for day in 2..5 {
        desk.happened(&ad, TestClock::START - day * 24 * HOUR, shown(40)).await;
        desk.happened(&steady, TestClock::START - day * 24 * HOUR, shown(40)).await;
    }
    let watch = clicks(&desk);
    assert_eq!(watch.execute().await.unwrap(), 0, "there is nothing to compare with yet");
    desk.happened(&ad, TestClock::START - HOUR, shown(19)).await;
    desk.happened(&steady, TestClock::START - HOUR, shown(21)).await;
    assert_eq!(watch.execute().await.unwrap(), 0, "once an hour is enough");
    desk.clock.advance(HOUR);
    assert_eq!(watch.execute().await.unwrap(), 1);
    desk.clock.advance(HOUR);
    assert_eq!(watch.execute().await.unwrap(), 0);
    assert_eq!(found(&desk).await, ["ctr.collapsed"]);
}

#[tokio::test]
async fn a_few_impressions_prove_nothing() {
    let desk = Desk::new().await;
    let (_, ad) = active(&desk).await;
    desk.happened(
        &ad,
        TestClock::START - 48 * HOUR,
        Metrics { impressions: 1_000, clicks: 40, ..Metrics::default() },
    )
    .await;
    desk.happened(&ad, TestClock::START - HOUR, Metrics { impressions: 999, ..Metrics::default() }).await;
    assert_eq!(clicks(&desk).execute().await.unwrap(), 0);
}

#[tokio::test]
async fn those_who_subscribed_are_told_of_a_service_once_however_many_nodes_see_it() {
    let desk = Desk::new().await;
    desk.world.subscriptions.insert(&build::subscription(&desk.user)).await.unwrap();
    let node = || WatchServices {
        subscriptions: desk.world.subscriptions.clone(),
        alerts: desk.world.alerts.clone(),
        clock: desk.clock(),
        told: ToldServices::default(),
    };
    let (one, other) = (node(), node());
    let look = async |node: &WatchServices, change| {
        node.execute(&[SeenService { name: "openai".to_owned(), change }]).await.unwrap()
    };
    use ServiceChange::{Down, Up};
    assert_eq!(look(&one, Up).await, 0, "that is how it should be");
    assert_eq!((look(&one, Down).await, look(&other, Down).await, look(&one, Down).await), (1, 0, 0));
    assert_eq!((look(&other, Up).await, look(&one, Up).await), (1, 0));
    assert_eq!((look(&one, Down).await, look(&other, Down).await), (0, 0), "it was told in this hour");
    desk.clock.advance(HOUR);
    assert_eq!((look(&one, Down).await, look(&other, Down).await), (1, 0), "it is down still");
    assert_eq!(look(&one, Down).await, 0);
    assert_eq!(found(&desk).await, ["service.down", "service.up", "service.down"]);
}

#[tokio::test]
async fn what_still_holds_long_after_is_told_again() {
    let desk = Desk::new().await;
    let (campaign, ad) = active(&desk).await;
    let figures = Metrics { clicks: 1, spend_micros: campaign.budget.total().micros(), ..Metrics::default() };
    desk.happened(&ad, TestClock::START - 48 * HOUR, figures).await;
    let forget = ForgetAlerts { alerts: desk.world.alerts.clone(), clock: desk.clock() };
    assert_eq!(budgets(&desk).execute().await.unwrap(), 1);
    assert_eq!(forget.execute().await.unwrap(), 0);
    desk.clock.advance(ForgetAlerts::MEMORY + HOUR);
    assert!(forget.execute().await.unwrap() > 0);
    assert_eq!(budgets(&desk).execute().await.unwrap(), 1);
}
