//! The contract of [`EventArchive`](adstead_domain::port::EventArchive).
//!
//! That events are gone is seen by what `expire` answers; that their figures can be mended is for tests that can do these
//! harm.

use std::collections::HashSet;

use adstead_domain::port::{Comparison, EventBatch, Expired, Recorded};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    EventKind, KeptRejection, Metrics, Page, PageRequest, PerformanceEvent, RejectedEvent, ReportFilter,
    ReportQuery, Retention, TimeRange, Zone,
};
use futures::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};

use super::paging::{assert_lists, request};
use super::samples::texts;
use super::world::Tenant;
use super::{Case, Repositories};
use crate::{TestClock, build, cases};

/// What every `EventArchive` must do.
pub const CASES: &[Case<Repositories>] = cases![
    at_first_everything_is_kept,
    expired_events_are_gone_and_stay_counted,
    events_that_are_not_expired_are_kept,
    many_events_expire_among_many_that_do_not,
    events_of_all_accounts_expire,
    events_may_be_recorded_while_others_expire,
    the_moment_since_which_events_are_kept_never_goes_back,
    an_event_that_expired_is_too_old_to_come_again,
    rejected_events_expire_by_when_they_were_received,
    figures_equal_their_events,
    figures_older_than_the_events_are_not_looked_at,
    figures_of_another_account_are_not_looked_at,
    mending_beside_recorders_leaves_figures_exact,
    rejected_events_come_back_as_they_were_sent,
    a_rejected_event_is_kept_once_with_the_last_reason,
    rejected_events_are_listed_page_by_page,
    rejected_events_of_another_account_are_not_listed,
];

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Longer ago than the month before the one in which [`LIMIT`] lies.
const LONG_AGO: Timestamp = Timestamp::constant(1_758_000_000, 0);
const LIMIT: Timestamp = Timestamp::constant(1_767_000_123, 456_789_000);

fn events_at(Tenant { ad, .. }: &Tenant, at: Timestamp, count: usize) -> Vec<PerformanceEvent> {
    let second = SignedDuration::from_secs;
    (0_i64..)
        .take(count)
        .map(|n| PerformanceEvent { occurred_at: at + second(n), ..build::event(ad) })
        .collect()
}

async fn record(world: &Repositories, tenant: &Tenant, batch: EventBatch) -> Recorded {
    world.performance.record(tenant.account.id, batch).await.expect("events can be recorded")
}

async fn expire(world: &Repositories, before: Timestamp) -> Expired {
    world.archive.expire(before).await.expect("events can be deleted")
}

async fn kept_since(world: &Repositories) -> Timestamp {
    world.archive.kept_since().await.expect("the moment is known")
}

async fn compare(world: &Repositories, tenant: &Tenant) -> Comparison {
    world.archive.compare(tenant.account.id).await.expect("figures can be compared")
}

async fn mend(world: &Repositories, tenant: &Tenant) -> Comparison {
    world.archive.mend(tenant.account.id).await.expect("figures can be mended")
}

async fn figures(world: &Repositories, Tenant { account, .. }: &Tenant) -> Metrics {
    let query = ReportQuery {
        range: TimeRange::new(LONG_AGO - DAY, TestClock::START + DAY).expect("a range"),
        zone: Zone::utc(),
        granularity: Granularity::Total,
        group_by: GroupBy::Account,
        filter: ReportFilter::default(),
    };
    let figures = world.analytics.report(account.id, &query, TestClock::START).await;
    figures.expect("figures can be read").rows.iter().map(|row| row.metrics).sum()
}

fn rejected(payload: &str, reason: &str) -> RejectedEvent {
    RejectedEvent::new(payload, reason.to_owned())
}

async fn reject(world: &Repositories, tenant: &Tenant, events: Vec<RejectedEvent>, received_at: Timestamp) {
    record(world, tenant, EventBatch { rejected: events, received_at, ..build::batch([]) }).await;
}

async fn list(world: &Repositories, tenant: &Tenant, request: PageRequest) -> Page<KeptRejection> {
    world.archive.rejected(tenant.account.id, request).await.expect("rejected events can be listed")
}

async fn at_first_everything_is_kept(world: &Repositories) {
    let tenant = world.tenant().await;
    assert_eq!(kept_since(world).await, Timestamp::UNIX_EPOCH);
    let nothing = Comparison { since: Timestamp::UNIX_EPOCH, buckets: 0, differing: 0 };
    assert_eq!(compare(world, &tenant).await, nothing);
    assert_eq!(expire(world, LIMIT).await, Expired::default());
}

async fn expired_events_are_gone_and_stay_counted(world: &Repositories) {
    let tenant = world.tenant().await;
    record(world, &tenant, build::batch(events_at(&tenant, LONG_AGO, 20))).await;
    let before = figures(world, &tenant).await;
    assert_eq!(before.impressions, 20);
    assert_eq!(expire(world, LIMIT).await, Expired { events: 20, rejected: 0 });
    assert_eq!(kept_since(world).await, LIMIT);
    assert_eq!(figures(world, &tenant).await, before);
    assert_eq!(expire(world, LIMIT).await, Expired::default(), "nothing is deleted twice");
}

async fn events_that_are_not_expired_are_kept(world: &Repositories) {
    let tenant = world.tenant().await;
    let kept = [events_at(&tenant, LIMIT, 5), events_at(&tenant, TestClock::START, 5)].concat();
    let all = [events_at(&tenant, LONG_AGO, 5), kept.clone()].concat();
    record(world, &tenant, build::batch(all)).await;
    assert_eq!(expire(world, LIMIT).await.events, 5);
    let again = record(world, &tenant, build::batch(kept)).await;
    assert_eq!(again, Recorded { counted: 0, duplicates: 10 });
    assert_eq!(figures(world, &tenant).await.impressions, 15);
}

async fn many_events_expire_among_many_that_do_not(world: &Repositories) {
    let tenant = world.tenant().await;
    let old_and_new = |count| {
        let pairs = events_at(&tenant, LONG_AGO, count).into_iter();
        pairs.flat_map(|old| [PerformanceEvent { occurred_at: LIMIT, ..build::event(&tenant.ad) }, old])
    };
    let events: Vec<_> = old_and_new(4_000).collect();
    for batch in events.chunks(4_000) {
        record(world, &tenant, build::batch(batch)).await;
    }
    assert_eq!(expire(world, LIMIT).await.events, 4_000);
    let again = record(world, &tenant, build::batch(&events[..1])).await;
    assert_eq!(again, Recorded { counted: 0, duplicates: 1 });
    assert_eq!(figures(world, &tenant).await.impressions, 8_000);
}

async fn events_of_all_accounts_expire(world: &Repositories) {
    for _ in 0..3 {
        let tenant = world.tenant().await;
        record(world, &tenant, build::batch(events_at(&tenant, LONG_AGO, 2))).await;
        reject(world, &tenant, vec![rejected("{}", "no id")], LONG_AGO).await;
    }
    assert_eq!(expire(world, LIMIT).await, Expired { events: 6, rejected: 3 });
}

async fn events_may_be_recorded_while_others_expire(world: &Repositories) {
    let tenant = world.tenant().await;
    record(world, &tenant, build::batch(events_at(&tenant, LONG_AGO, 500))).await;
    let recorders = join_all((0..8).map(|_| async {
        record(world, &tenant, build::batch(events_at(&tenant, TestClock::START, 100))).await.counted
    }));
    let (expired, counted) = join(expire(world, LIMIT), recorders).await;
    assert_eq!((expired.events, counted), (500, vec![100; 8]));
    assert_eq!(figures(world, &tenant).await.impressions, 1_300);
    assert_eq!(compare(world, &tenant).await.differing, 0);
}

async fn the_moment_since_which_events_are_kept_never_goes_back(world: &Repositories) {
    let (early, late) = (LIMIT, LIMIT + DAY);
    for (before, since) in [(early, early), (late, late), (early, late)] {
        expire(world, before).await;
        assert_eq!(kept_since(world).await, since);
    }
}

async fn an_event_that_expired_is_too_old_to_come_again(world: &Repositories) {
    let tenant = world.tenant().await;
    let known = HashSet::from([tenant.ad.id]);
    let (retention, then) = (Retention::default(), TestClock::START);
    let event = build::event(&tenant.ad);
    let judged = async |retention: Retention, now| {
        event.judge(&known, &retention.window(kept_since(world).await, now), now)
    };
    assert_eq!(judged(retention, then).await, Ok(()));
    record(world, &tenant, build::batch([event.clone()])).await;
    let now = then + 150 * DAY;
    assert_eq!(expire(world, retention.expires_before(now)).await.events, 1);
    for retention in [retention, Retention::MAX] {
        let refused = judged(retention, now).await.expect_err("it is too old");
        assert!(refused.message().contains("is too old: events are kept for"), "{refused}");
    }
    assert_eq!(figures(world, &tenant).await, Metrics::of(&event));
}

async fn rejected_events_expire_by_when_they_were_received(world: &Repositories) {
    let tenant = world.tenant().await;
    let moment = SignedDuration::from_micros(1);
    reject(world, &tenant, vec![rejected("1", "a"), rejected("2", "a")], LIMIT - moment).await;
    reject(world, &tenant, vec![rejected("2", "b"), rejected("3", "b")], LIMIT).await;
    assert_eq!(expire(world, LIMIT).await, Expired { events: 0, rejected: 1 });
    let mut left: Vec<_> = list(world, &tenant, PageRequest::default()).await.items;
    left.sort_by(|a, b| a.event.payload.cmp(&b.event.payload));
    let left: Vec<_> = left.iter().map(|kept| (&*kept.event.payload, &*kept.event.reason)).collect();
    assert_eq!(left, [("2", "b"), ("3", "b")]);
}

async fn figures_equal_their_events(world: &Repositories) {
    let tenant = world.tenant().await;
    let neighbour = world.ad(&tenant.group, &tenant.campaign).await;
    let mut events = Vec::new();
    for (hour, ad) in (0..24).flat_map(|hour| [(hour, &tenant.ad), (hour, &neighbour)]) {
        for &kind in EventKind::ALL {
            let occurred_at = TestClock::START - SignedDuration::from_hours(hour);
            let (cost_micros, revenue_micros) = (hour * 7, PerformanceEvent::MAX_MICROS);
            events.push(PerformanceEvent {
                kind,
                occurred_at,
                cost_micros,
                revenue_micros,
                ..build::event(ad)
            });
        }
    }
    record(world, &tenant, build::batch(events)).await;
    let before = figures(world, &tenant).await;
    let equal = Comparison { since: Timestamp::UNIX_EPOCH, buckets: 48, differing: 0 };
    assert_eq!(compare(world, &tenant).await, equal);
    assert_eq!(mend(world, &tenant).await, equal);
    assert_eq!(figures(world, &tenant).await, before);
}

async fn figures_older_than_the_events_are_not_looked_at(world: &Repositories) {
    let tenant = world.tenant().await;
    let quarter = SignedDuration::from_mins(15);
    // The last lies in the quarter of an hour in which the moment lies, and after it.
    let old = [
        events_at(&tenant, LONG_AGO, 4),
        events_at(&tenant, LIMIT - SignedDuration::from_secs(1), 1),
        events_at(&tenant, LIMIT + SignedDuration::from_secs(1), 1),
    ]
    .concat();
    let new = [events_at(&tenant, LIMIT + quarter, 1), events_at(&tenant, TestClock::START, 3)].concat();
    record(world, &tenant, build::batch([old, new].concat())).await;
    expire(world, LIMIT).await;
    let before = figures(world, &tenant).await;
    assert_eq!(before.impressions, 10);
    let equal = Comparison { since: LIMIT, buckets: 2, differing: 0 };
    assert_eq!(compare(world, &tenant).await, equal);
    assert_eq!(mend(world, &tenant).await, equal);
    assert_eq!(figures(world, &tenant).await, before);
}

async fn figures_of_another_account_are_not_looked_at(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    record(world, &other, build::batch(events_at(&other, TestClock::START, 3))).await;
    assert_eq!(mend(world, &tenant).await.buckets, 0);
    assert_eq!(compare(world, &other).await.buckets, 1);
    assert_eq!(figures(world, &other).await.impressions, 3);
}

async fn mending_beside_recorders_leaves_figures_exact(world: &Repositories) {
    let tenant = world.tenant().await;
    let recorders = join_all((0..4_i64).map(|task| {
        let tenant = &tenant;
        async move {
            for round in 0..5 {
                let at = TestClock::START - SignedDuration::from_mins(task * 7 + round * 11);
                record(world, tenant, build::batch(events_at(tenant, at, 50))).await;
            }
        }
    }));
    let menders = async {
        for _ in 0..5 {
            assert_eq!(mend(world, &tenant).await.differing, 0);
            assert_eq!(compare(world, &tenant).await.differing, 0);
        }
    };
    join(recorders, menders).await;
    assert_eq!(figures(world, &tenant).await.impressions, 1_000);
}

async fn rejected_events_come_back_as_they_were_sent(world: &Repositories) {
    let tenant = world.tenant().await;
    let received_at = LIMIT;
    let events: Vec<_> = texts().iter().map(|text| rejected(text, &format!("{text} is no event"))).collect();
    reject(world, &tenant, events.clone(), received_at).await;
    let mut kept: Vec<_> = events.into_iter().map(|event| KeptRejection { event, received_at }).collect();
    kept.sort_by_key(|kept| std::cmp::Reverse(kept.place()));
    assert_eq!(list(world, &tenant, PageRequest::default()).await, Page { items: kept, next: None });
}

async fn a_rejected_event_is_kept_once_with_the_last_reason(world: &Repositories) {
    let tenant = world.tenant().await;
    let second = SignedDuration::from_secs(1);
    reject(world, &tenant, vec![rejected("1", "unknown ad"), rejected("1", "a bad day")], LIMIT).await;
    reject(world, &tenant, vec![rejected("2", "unknown ad")], LIMIT + second).await;
    let payloads = async || -> Vec<(String, String, Timestamp)> {
        let kept = list(world, &tenant, PageRequest::default()).await.items.into_iter();
        kept.map(|KeptRejection { event, received_at }| (event.payload, event.reason, received_at)).collect()
    };
    let one = |payload: &str, reason: &str, at| (payload.to_owned(), reason.to_owned(), at);
    let both = [one("2", "unknown ad", LIMIT + second), one("1", "a bad day", LIMIT)];
    assert_eq!(payloads().await, both);
    reject(world, &tenant, vec![rejected("1", "from tomorrow")], LIMIT + 2 * second).await;
    let both = [one("1", "from tomorrow", LIMIT + 2 * second), one("2", "unknown ad", LIMIT + second)];
    assert_eq!(payloads().await, both);
}

async fn rejected_events_are_listed_page_by_page(world: &Repositories) {
    let tenant = world.tenant().await;
    let mut places = Vec::new();
    // Several in one instant, so that a page ends among them.
    for instant in 0..3_i64 {
        let received_at = LIMIT + SignedDuration::from_micros(instant);
        let events: Vec<_> = (0..4).map(|n| rejected(&format!("{instant} {n}"), "no event")).collect();
        reject(world, &tenant, events.clone(), received_at).await;
        places.extend(events.into_iter().map(|event| KeptRejection { event, received_at }.place()));
    }
    assert_lists(places, async |page| list(world, &tenant, page).await, KeptRejection::place).await;
}

async fn rejected_events_of_another_account_are_not_listed(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    reject(world, &other, vec![rejected("1", "unknown ad")], LIMIT).await;
    assert_eq!(list(world, &tenant, request(5, None)).await.items, []);
    reject(world, &tenant, vec![rejected("1", "a bad day")], LIMIT).await;
    assert_eq!(list(world, &other, request(5, None)).await.items[0].event.reason, "unknown ad");
}
