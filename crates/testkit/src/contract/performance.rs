//! The contract of [`PerformanceRepository`](adstead_domain::port::PerformanceRepository), as its figures show.

use std::collections::{BTreeMap, BTreeSet};

use adstead_domain::port::{EventBatch, OutboxSelection, Recorded};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    Device, DomainEventId, EventKind, Metrics, PerformanceEvent, RejectedEvent, ReportFilter, ReportQuery,
    TimeRange, Zone,
};
use futures::FutureExt;
use futures::future::{join, join_all};
use jiff::SignedDuration;

use super::outbox::interests;
use super::samples::texts;
use super::world::Tenant;
use super::{Case, Repositories};
use crate::build::{self, parsed};
use crate::{TestClock, cases};

/// What every `PerformanceRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    new_events_are_counted,
    an_empty_batch_counts_nothing,
    events_of_every_shape_are_counted,
    an_event_twice_in_a_batch_counts_once,
    an_event_in_two_batches_counts_once,
    a_batch_sent_again_counts_nothing_more,
    the_first_of_two_events_with_one_id_counts,
    overlapping_batches_at_once_count_each_event_once,
    a_batch_is_seen_whole_or_not_at_all,
    a_batch_that_was_broken_off_can_be_sent_again,
    the_largest_batch_is_counted,
    rejected_events_count_nowhere,
    an_event_may_be_counted_after_it_was_rejected,
    an_event_id_is_free_in_another_account,
    a_conversion_is_told_with_its_event_once,
    nothing_is_told_of_what_was_counted_as_something_else,
];

/// What was counted of the tenant's ads, in all.
async fn figures(world: &Repositories, Tenant { account, .. }: &Tenant) -> Metrics {
    let long = SignedDuration::from_hours(24 * 300);
    let query = ReportQuery {
        range: TimeRange::new(TestClock::START - long, TestClock::START + long).expect("a range"),
        zone: Zone::utc(),
        granularity: Granularity::Total,
        group_by: GroupBy::Account,
        filter: ReportFilter::default(),
    };
    let figures = world.analytics.report(account.id, &query, TestClock::START).await;
    figures.expect("figures can be read").rows.iter().map(|row| row.metrics).sum()
}

async fn record(world: &Repositories, Tenant { account, .. }: &Tenant, batch: &EventBatch) -> Recorded {
    world.performance.record(account.id, batch.clone()).await.expect("events can be recorded")
}

fn new_events(Tenant { ad, .. }: &Tenant, count: usize) -> Vec<PerformanceEvent> {
    let second = |n| SignedDuration::from_secs(n);
    (0_i64..)
        .take(count)
        .map(|n| PerformanceEvent { occurred_at: TestClock::START - second(n), ..build::event(ad) })
        .collect()
}

fn sum(events: &[PerformanceEvent]) -> Metrics {
    events.iter().map(Metrics::of).sum()
}

fn rejected(reason: &str, payload: &str) -> RejectedEvent {
    RejectedEvent::new(payload, reason.to_owned())
}

async fn new_events_are_counted(world: &Repositories) {
    let tenant = world.tenant().await;
    for round in 1..=3 {
        let recorded = record(world, &tenant, &build::batch(new_events(&tenant, 7))).await;
        assert_eq!(recorded, Recorded { counted: 7, duplicates: 0 });
        let expected =
            Metrics { impressions: 7 * round, spend_micros: 14_000 * round as i64, ..Metrics::default() };
        assert_eq!(figures(world, &tenant).await, expected);
    }
}

async fn an_empty_batch_counts_nothing(world: &Repositories) {
    let tenant = world.tenant().await;
    assert_eq!(record(world, &tenant, &build::batch([])).await, Recorded::default());
    assert_eq!(figures(world, &tenant).await, Metrics::default());
}

async fn events_of_every_shape_are_counted(world: &Repositories) {
    let tenant = world.tenant().await;
    let mut events = Vec::new();
    for &kind in EventKind::ALL {
        for device in Device::ALL.iter().copied().map(Some).chain([None]) {
            events.push(PerformanceEvent { kind, device, ..build::event(&tenant.ad) });
        }
        events.push(PerformanceEvent { kind, country: None, placement: None, ..build::event(&tenant.ad) });
        for (cost_micros, revenue_micros) in
            [(0, 0), (PerformanceEvent::MAX_MICROS, PerformanceEvent::MAX_MICROS)]
        {
            events.push(PerformanceEvent { kind, cost_micros, revenue_micros, ..build::event(&tenant.ad) });
        }
    }
    let placements = texts().into_iter().filter(|text| text.chars().count() <= 100);
    events.extend(
        placements
            .map(|text| PerformanceEvent { placement: Some(parsed(&text)), ..build::event(&tenant.ad) }),
    );
    let recorded = record(world, &tenant, &build::batch(events.clone())).await;
    assert_eq!(recorded, Recorded { counted: events.len(), duplicates: 0 });
    assert_eq!(figures(world, &tenant).await, sum(&events));
}

async fn an_event_twice_in_a_batch_counts_once(world: &Repositories) {
    let tenant = world.tenant().await;
    let events = new_events(&tenant, 3);
    let twice = [&events[..], &events[1..]].concat();
    assert_eq!(record(world, &tenant, &build::batch(twice)).await, Recorded { counted: 3, duplicates: 2 });
    assert_eq!(figures(world, &tenant).await, sum(&events));
}

async fn an_event_in_two_batches_counts_once(world: &Repositories) {
    let tenant = world.tenant().await;
    let events = new_events(&tenant, 5);
    record(world, &tenant, &build::batch(&events[..3])).await;
    let recorded = record(world, &tenant, &build::batch(&events[1..])).await;
    assert_eq!(recorded, Recorded { counted: 2, duplicates: 2 });
    assert_eq!(figures(world, &tenant).await, sum(&events));
}

async fn a_batch_sent_again_counts_nothing_more(world: &Repositories) {
    let tenant = world.tenant().await;
    let batch = build::batch(new_events(&tenant, 50));
    record(world, &tenant, &batch).await;
    for _ in 0..2 {
        assert_eq!(record(world, &tenant, &batch).await, Recorded { counted: 0, duplicates: 50 });
    }
    assert_eq!(figures(world, &tenant).await, sum(&batch.events));
}

async fn the_first_of_two_events_with_one_id_counts(world: &Repositories) {
    let tenant = world.tenant().await;
    let neighbour = world.ad(&tenant.group, &tenant.campaign).await;
    let first = build::event(&tenant.ad);
    let others = [
        PerformanceEvent { kind: EventKind::Conversion, revenue_micros: 9, ..first.clone() },
        PerformanceEvent { ad_id: neighbour.id, ..first.clone() },
        PerformanceEvent { occurred_at: TestClock::START - SignedDuration::from_hours(50), ..first.clone() },
    ];
    record(world, &tenant, &build::batch([first.clone(), others[0].clone()])).await;
    for other in others {
        let recorded = record(world, &tenant, &build::batch([other])).await;
        assert_eq!(recorded, Recorded { counted: 0, duplicates: 1 });
    }
    assert_eq!(figures(world, &tenant).await, Metrics::of(&first));
}

async fn overlapping_batches_at_once_count_each_event_once(world: &Repositories) {
    let tenant = world.tenant().await;
    let events = new_events(&tenant, 300);
    // Each event is in four of the twelve batches, and every other batch has its events in reverse.
    let batches: Vec<_> = (0..12)
        .map(|n| {
            let mut part: Vec<_> = (n * 25..n * 25 + 100).map(|at| events[at % 300].clone()).collect();
            if n % 2 == 1 {
                part.reverse();
            }
            build::batch(part)
        })
        .collect();
    let outcomes = join_all(batches.iter().map(|batch| record(world, &tenant, batch))).await;
    let counted: usize = outcomes.iter().map(|recorded| recorded.counted).sum();
    let duplicates: usize = outcomes.iter().map(|recorded| recorded.duplicates).sum();
    assert_eq!((counted, duplicates), (300, 900));
    assert_eq!(figures(world, &tenant).await, sum(&events));
}

async fn a_batch_is_seen_whole_or_not_at_all(world: &Repositories) {
    let tenant = world.tenant().await;
    for round in 0_u64..4 {
        let batch = build::batch(new_events(&tenant, 1_000));
        let readers = join_all((0..8).map(|_| figures(world, &tenant)));
        let (_, seen) = join(record(world, &tenant, &batch), readers).await;
        for figures in seen {
            let whole = [round * 1_000, (round + 1) * 1_000];
            assert!(whole.contains(&figures.impressions), "{} impressions were seen", figures.impressions);
        }
    }
}

async fn a_batch_that_was_broken_off_can_be_sent_again(world: &Repositories) {
    let tenant = world.tenant().await;
    let mut sent = Vec::new();
    for polls in 1..=5 {
        let batch = build::batch(new_events(&tenant, 200));
        let mut recording = Box::pin(record(world, &tenant, &batch));
        for _ in 0..polls {
            if (&mut recording).now_or_never().is_some() {
                break;
            }
        }
        drop(recording);
        let Recorded { counted, duplicates } = record(world, &tenant, &batch).await;
        assert!([(200, 0), (0, 200)].contains(&(counted, duplicates)), "{counted} of 200 were left to count");
        sent.extend(batch.events);
    }
    assert_eq!(figures(world, &tenant).await, sum(&sent));
}

async fn the_largest_batch_is_counted(world: &Repositories) {
    let tenant = world.tenant().await;
    let events = new_events(&tenant, 5_000);
    let recorded = record(world, &tenant, &build::batch(events.clone())).await;
    assert_eq!(recorded, Recorded { counted: 5_000, duplicates: 0 });
    assert_eq!(figures(world, &tenant).await, sum(&events));
}

async fn rejected_events_count_nowhere(world: &Repositories) {
    let tenant = world.tenant().await;
    let good = build::event(&tenant.ad);
    let long = "🦀".repeat(2 * RejectedEvent::MAX_PAYLOAD);
    let rejected = vec![
        rejected("unknown ad", r#"{"id":1}"#),
        rejected("cost_micros is -1", r#"{"cost_micros":-1,"note":"O'Brien 🚀"}"#),
        rejected("unknown ad, again", r#"{"id":1}"#),
        rejected("too long", &long),
        rejected("a\0b is not known here", "{\"a\\u0000b\":\"\0\"}"),
    ];
    let batch = EventBatch { rejected: rejected.clone(), ..build::batch([good.clone()]) };
    assert_eq!(record(world, &tenant, &batch).await, Recorded { counted: 1, duplicates: 0 });
    assert_eq!(record(world, &tenant, &batch).await, Recorded { counted: 0, duplicates: 1 });
    let only_rejected = EventBatch { rejected, ..build::batch([]) };
    assert_eq!(record(world, &tenant, &only_rejected).await, Recorded::default());
    assert_eq!(figures(world, &tenant).await, Metrics::of(&good));
}

async fn an_event_may_be_counted_after_it_was_rejected(world: &Repositories) {
    let tenant = world.tenant().await;
    let event = build::event(&tenant.ad);
    let payload = format!(r#"{{"id":"{}"}}"#, event.id);
    let early =
        EventBatch { rejected: vec![rejected("it lies in the future", &payload)], ..build::batch([]) };
    record(world, &tenant, &early).await;
    let recorded = record(world, &tenant, &build::batch([event.clone()])).await;
    assert_eq!(recorded, Recorded { counted: 1, duplicates: 0 });
    assert_eq!(figures(world, &tenant).await, Metrics::of(&event));
}

async fn an_event_id_is_free_in_another_account(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let ours = build::event(&tenant.ad);
    let theirs = PerformanceEvent { ad_id: other.ad.id, cost_micros: 5, ..ours.clone() };
    for (tenant, event) in [(&tenant, &ours), (&other, &theirs)] {
        let recorded = record(world, tenant, &build::batch([event.clone()])).await;
        assert_eq!(recorded, Recorded { counted: 1, duplicates: 0 });
    }
    assert_eq!(figures(world, &tenant).await, Metrics::of(&ours));
    assert_eq!(figures(world, &other).await, Metrics::of(&theirs));
}

/// Conversions as a use case sends them: each with what is told of it.
fn conversions(Tenant { user, ad, .. }: &Tenant, count: i64) -> EventBatch {
    let events: Vec<_> = (0..count).map(|revenue| build::conversion(ad, revenue)).collect();
    let told = |event: &PerformanceEvent| Some((event.id, build::told(user, event.conversion(None)?)));
    EventBatch { conversions: events.iter().filter_map(told).collect(), ..build::batch(events) }
}

/// What waits for each of those who want to be told of conversions, by its id.
async fn waiting(world: &Repositories) -> BTreeMap<DomainEventId, BTreeSet<String>> {
    let all = world.outbox.list(&OutboxSelection::default(), None, 1_000).await;
    let mut waiting: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for entry in all.expect("messages can be listed") {
        assert!(waiting.entry(entry.event_id).or_default().insert(entry.subscriber), "it waits twice");
    }
    waiting
}

async fn a_conversion_is_told_with_its_event_once(world: &Repositories) {
    let tenant = world.tenant().await;
    let before = waiting(world).await;
    let batch = conversions(&tenant, 3);
    let seen = build::batch(new_events(&tenant, 2));
    let mixed = EventBatch { events: [&seen.events[..], &batch.events[..2]].concat(), ..batch.clone() };
    assert_eq!(record(world, &tenant, &mixed).await, Recorded { counted: 4, duplicates: 0 });
    for (counted, duplicates) in [(1, 2), (0, 3)] {
        assert_eq!(record(world, &tenant, &batch).await, Recorded { counted, duplicates });
    }
    let mut told = waiting(world).await;
    told.retain(|id, _| !before.contains_key(id));
    let everybody: BTreeSet<_> = interests().into_iter().map(|interest| interest.subscriber).collect();
    let expected = batch.conversions.values().map(|event| (event.id, everybody.clone())).collect();
    assert_eq!(told, expected);
}

async fn nothing_is_told_of_what_was_counted_as_something_else(world: &Repositories) {
    let tenant = world.tenant().await;
    let before = waiting(world).await;
    let batch = conversions(&tenant, 1);
    let impression = PerformanceEvent { id: batch.events[0].id, ..build::event(&tenant.ad) };
    let both = EventBatch { events: [&[impression], &batch.events[..]].concat(), ..batch };
    assert_eq!(record(world, &tenant, &both).await, Recorded { counted: 1, duplicates: 1 });
    assert_eq!(waiting(world).await, before);
}
