//! Which events count.

use std::collections::HashSet;

use adstead_domain::{Country, KeptRejection, PerformanceEvent, RejectedEvent, Retention};
use adstead_testkit::{TestClock, build};
use jiff::{SignedDuration, Timestamp};

const NOW: Timestamp = TestClock::START;

#[track_caller]
fn check(change: impl FnOnce(&mut PerformanceEvent), expect: Result<(), &str>) {
    let campaign = build::campaign(&build::user(&build::account()));
    let ad = build::ad(&build::ad_group(&campaign), &campaign);
    let mut event = build::event(&ad);
    change(&mut event);
    let window = Retention::default().window(Timestamp::UNIX_EPOCH, NOW);
    let judged =
        event.judge(&HashSet::from([ad.id]), &window, NOW).map_err(|fault| fault.message().to_owned());
    match expect {
        Ok(()) => assert_eq!(judged, Ok(())),
        Err(part) => assert!(judged.as_ref().is_err_and(|fault| fault.contains(part)), "{judged:?}"),
    }
}

#[test]
fn an_event_of_a_known_ad_counts() {
    check(|_| {}, Ok(()));
}

#[test]
fn a_late_event_counts_and_so_does_one_from_a_clock_that_is_a_little_ahead() {
    check(|event| event.occurred_at = NOW - SignedDuration::from_hours(24 * 90), Ok(()));
    check(|event| event.occurred_at = NOW + PerformanceEvent::CLOCK_SKEW, Ok(()));
}

#[test]
fn an_event_from_tomorrow_or_before_the_epoch_does_not_count() {
    check(|event| event.occurred_at = NOW + SignedDuration::from_hours(24), Err("lies in the future"));
    check(|event| event.occurred_at = Timestamp::from_second(-1).unwrap(), Err("before 1970"));
}

#[test]
fn an_event_from_before_the_retention_does_not_count() {
    let expect = "occurred_at 2025-12-02T08:59:59Z is too old: events are kept for 90 days, \
                  at present those since 2025-12-02T09:00:00Z; send them sooner";
    check(
        |event| event.occurred_at = NOW - SignedDuration::from_hours(24 * 90) - SignedDuration::from_secs(1),
        Err(expect),
    );
}

#[test]
fn rejected_events_have_their_place_by_their_time_and_then_by_their_digest() {
    let kept = |payload: &str, second| KeptRejection {
        event: RejectedEvent::new(payload, String::new()),
        received_at: Timestamp::from_second(second).unwrap(),
    };
    let (a, b) = (kept("a", 5), kept("b", 5));
    assert_eq!(a.place() < b.place(), a.event.digest < b.event.digest);
    assert!(kept("a", -1).place() < a.place() && a.place() < kept("b", 6).place());
    let (micros, beginning) = KeptRejection::at_place(kept("a", -1).place());
    assert_eq!((micros, beginning >> 56), (-1_000_000, u64::from(a.event.digest.as_bytes()[0])));
}

#[test]
fn an_event_of_an_unknown_ad_does_not_count() {
    check(|event| event.ad_id = adstead_domain::AdId::new(build::id()), Err("unknown ad"));
}

#[test]
fn money_below_zero_or_beyond_reason_does_not_count() {
    check(|event| event.cost_micros = -1, Err("cost_micros is -1: it cannot be negative"));
    check(|event| event.revenue_micros = -1, Err("revenue_micros"));
    check(|event| event.cost_micros = PerformanceEvent::MAX_MICROS, Ok(()));
    check(|event| event.cost_micros = PerformanceEvent::MAX_MICROS + 1, Err("at most"));
}

#[test]
fn of_a_huge_rejected_event_the_beginning_is_kept_and_the_digest_of_all() {
    let payload = "ü".repeat(5_000);
    let kept = RejectedEvent::new(&payload, "too long".to_owned());
    assert!(kept.payload.len() <= RejectedEvent::MAX_PAYLOAD && payload.starts_with(&kept.payload));
    assert_ne!(kept.digest, RejectedEvent::new(&kept.payload, String::new()).digest);
}

#[test]
fn a_nul_in_a_rejected_event_is_not_kept() {
    let kept = RejectedEvent::new("{\"a\":\"\0\"}", "a\0b is not known here".to_owned());
    assert_eq!(kept.payload, "{\"a\":\"\u{fffd}\"}");
    assert_eq!(kept.reason, "a\u{fffd}b is not known here");
    assert_ne!(kept.digest, RejectedEvent::new(&kept.payload, String::new()).digest);
    let kept = RejectedEvent::new(&"\0".repeat(5_000), String::new());
    assert!(kept.payload.len() <= RejectedEvent::MAX_PAYLOAD, "{}", kept.payload.len());
}

#[test]
fn a_country_is_read_as_targeting_reads_it() {
    for (text, code) in [("de", "DE"), (" gb\n", "GB"), ("Us", "US")] {
        assert_eq!(text.parse::<Country>().unwrap().as_str(), code);
    }
    for text in ["", "D", "DEU", "1A", "ü"] {
        let refused = text.parse::<Country>().unwrap_err();
        assert!(refused.message().contains("use two letters such as DE"), "{refused}");
    }
    for text in ["UK", " uk"] {
        let refused = text.parse::<Country>().unwrap_err();
        assert_eq!(refused.message(), "\"UK\" is not an ISO 3166 code: use GB for the United Kingdom");
    }
}
