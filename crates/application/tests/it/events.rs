use adstead_application::Error;
use adstead_application::events::{RecordEvents, RecordedEvents, SubmittedEvent};
use adstead_domain::{Actor, PerformanceEvent, Role};
use adstead_testkit::build;

use crate::desk::Desk;

fn record(desk: &Desk) -> RecordEvents {
    RecordEvents {
        ads: desk.world.ads.clone(),
        performance: desk.world.performance.clone(),
        clock: desk.clock(),
    }
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
