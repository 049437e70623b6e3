//! The time of a report.

use adstead_domain::report::bucket_start;
use adstead_domain::{TimeRange, Zone};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_report_is_widened_to_the_quarters_of_an_hour_that_are_counted() {
    let range = TimeRange::new(at("2026-03-02T09:07:00Z"), at("2026-03-02T10:00:00.000001Z")).unwrap();
    assert_eq!((range.from(), range.to()), (at("2026-03-02T09:00:00Z"), at("2026-03-02T10:15:00Z")));
}

#[test]
fn both_days_of_a_report_belong_to_it() {
    let zone: Zone = "America/New_York".parse().unwrap();
    let range = TimeRange::days(date(2026, 3, 8), date(2026, 3, 8), &zone).unwrap();
    assert_eq!((range.from(), range.to()), (at("2026-03-08T05:00:00Z"), at("2026-03-09T04:00:00Z")));
}

#[test]
fn a_report_that_ends_before_it_begins_or_never_ends_is_refused() {
    let utc = Zone::utc();
    assert!(TimeRange::days(date(2026, 3, 8), date(2026, 3, 7), &utc).is_err());
    assert!(TimeRange::new(at("2026-03-08T00:00:00Z"), at("2026-03-08T00:00:00Z")).is_err());
    assert!(TimeRange::days(date(2020, 1, 1), date(2026, 1, 1), &utc).is_err());
}

#[test]
fn a_report_outside_the_years_that_ads_have_is_refused_where_it_is_at_fault() {
    let pointer = |from, to| TimeRange::new(from, to).map_err(|fault| fault.pointer().to_owned());
    let day = SignedDuration::from_hours(24);
    let (earliest, latest) = (TimeRange::EARLIEST, TimeRange::LATEST);
    assert_eq!(latest, at("2200-01-01T00:00:00Z"));
    assert!(pointer(earliest, earliest + day).is_ok() && pointer(latest - day, latest).is_ok());
    let nanosecond = SignedDuration::from_nanos(1);
    for before in [Timestamp::MIN, earliest - nanosecond] {
        assert_eq!(pointer(before, earliest + day), Err("/from".to_owned()));
    }
    for after in [Timestamp::MAX, latest + nanosecond] {
        assert_eq!(pointer(latest - day, after), Err("/to".to_owned()));
    }
    for extreme in [Date::MIN, Date::MAX] {
        let fault = TimeRange::days(extreme, extreme, &"America/New_York".parse().unwrap()).unwrap_err();
        assert!(
            fault.message().ends_with("between 1970-01-01T00:00:00Z and 2200-01-01T00:00:00Z"),
            "{fault}"
        );
    }
    for extreme in [Timestamp::MIN, Timestamp::MAX] {
        assert!(bucket_start(extreme) <= extreme);
    }
}

proptest! {
    #[test]
    fn every_instant_lies_in_its_bucket(micros in 0_i64..4_000_000_000_000_000) {
        let instant = Timestamp::from_microsecond(micros).unwrap();
        let start = bucket_start(instant);
        prop_assert!(start <= instant && instant.duration_since(start).as_secs() < 900);
        prop_assert_eq!(start.as_second() % 900, 0);
        prop_assert_eq!(bucket_start(start), start);
    }
}
