use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;

use super::*;
use crate::ViolationKind;

const START: &str = "2026-03-01T00:00:00Z";

fn raw(days: &[&str], from: &str, to: &str) -> RawWindow {
    RawWindow {
        days: days.iter().map(ToString::to_string).collect(),
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A schedule that began long ago and has no end.
fn weekly(zone: &str, windows: &[RawWindow]) -> Schedule {
    Schedule::parse("2000-01-01T00:00:00Z", None, zone, windows).unwrap()
}

fn faults(end: Option<&str>, windows: &[RawWindow]) -> Vec<(String, String)> {
    let violations = Schedule::parse(START, end, "UTC", windows).unwrap_err();
    violations.into_iter().map(|fault| (fault.pointer().to_owned(), fault.message().to_owned())).collect()
}

fn pointers(violations: &Violations) -> Vec<&str> {
    violations.iter().map(Violation::pointer).collect()
}

#[test]
fn all_faults_of_a_schedule_are_told_at_once() {
    let windows = [
        raw(&["mon", "monday"], "22:00", "25:00"),
        raw(&[], "9:00", "17:00"),
        raw(&["tue"], "08:00", "08:00"),
        raw(&["wed"], "24:00", "08:00"),
    ];
    let violations = Schedule::parse("tomorrow", Some("2026-03-01"), "Europe/Berln", &windows).unwrap_err();
    let expected = [
        "/start",
        "/end",
        "/time_zone",
        "/windows/0/days/1",
        "/windows/0/to",
        "/windows/1/days",
        "/windows/1/from",
        "/windows/2/to",
        "/windows/3/from",
    ];
    assert_eq!(pointers(&violations), expected);
}

#[test]
fn faults_between_parts_are_told_beside_faults_within_parts() {
    let windows = [raw(&["mon"], "08:00", "12:00"), raw(&["mo"], "1", "2"), raw(&["mon"], "11:00", "13:00")];
    let violations = Schedule::parse(START, Some("2026-02-01T00:00:00Z"), "Nowhere", &windows).unwrap_err();
    let expected =
        ["/time_zone", "/windows/1/days/0", "/windows/1/from", "/windows/1/to", "/end", "/windows/2"];
    assert_eq!(pointers(&violations), expected);
}

#[test]
fn messages_list_what_is_right() {
    let found = faults(None, &[raw(&["monday"], "7pm", "24:01")]);
    assert!(found[0].1.contains("mon, tue, wed, thu, fri, sat, sun"), "{found:?}");
    assert!(found[1].1.contains("write HH:MM, from 00:00 to 24:00"), "{found:?}");
    assert_eq!(found[2].0, "/windows/0/to");
}

#[test]
fn an_end_must_come_after_the_start() {
    for end in [START, "2026-02-28T23:59:59Z"] {
        assert_eq!(faults(Some(end), &[])[0].0, "/end");
    }
    assert!(Schedule::parse(START, Some("2026-03-01T00:00:01Z"), "UTC", &[]).is_ok());
}

#[test]
fn windows_that_overlap_are_refused_even_across_midnight_and_the_week() {
    let overlapping = [
        [raw(&["mon", "tue"], "08:00", "12:00"), raw(&["tue"], "11:59", "13:00")],
        [raw(&["mon"], "22:00", "02:00"), raw(&["tue"], "01:00", "03:00")],
        [raw(&["sun"], "22:00", "02:00"), raw(&["mon"], "00:00", "24:00")],
    ];
    for windows in overlapping {
        assert_eq!(faults(None, &windows)[0].0, "/windows/1", "{windows:?}");
    }
    let adjacent = [
        raw(&["mon"], "08:00", "12:00"),
        raw(&["mon"], "12:00", "24:00"),
        raw(&["sun"], "22:00", "08:00"),
        raw(&["tue"], "00:00", "01:00"),
    ];
    assert!(Schedule::parse(START, None, "UTC", &adjacent).is_ok());
}

#[test]
fn too_many_windows_are_one_fault() {
    let windows = vec![raw(&["mon"], "08:00", "09:00"); Schedule::MAX_WINDOWS + 1];
    let found = faults(None, &windows);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "/windows");
}

#[test]
fn a_campaign_may_be_activated_only_during_its_flight() {
    let schedule = Schedule::parse(START, Some("2026-04-01T00:00:00Z"), "Europe/Berlin", &[]).unwrap();
    let early = schedule.admits(at("2026-02-28T12:00:00Z")).unwrap_err();
    assert_eq!(early.kind(), ViolationKind::State);
    assert_eq!(
        early.message(),
        "the schedule begins at 2026-03-01 01:00 Europe/Berlin, it is 2026-02-28 13:00 Europe/Berlin now: wait until \
         then, or set an earlier start"
    );
    assert_eq!(schedule.admits(at(START)), Ok(()));
    assert_eq!(schedule.flight_at(at("2026-03-31T23:59:59Z")), Flight::Running);
    assert_eq!(schedule.flight_at(at("2026-04-01T00:00:00Z")), Flight::Over);
    let late = schedule.admits(at("2026-04-01T00:00:00Z")).unwrap_err();
    assert!(late.message().starts_with("the schedule ended at 2026-04-01 02:00 Europe/Berlin"), "{late}");
}

#[test]
fn a_schedule_without_windows_delivers_throughout_its_flight() {
    let schedule = Schedule::parse(START, Some("2026-04-01T00:00:00Z"), "UTC", &[]).unwrap();
    assert!(!schedule.delivers_at(at("2026-02-28T23:59:59Z")));
    assert!(schedule.delivers_at(at(START)));
    assert!(!schedule.delivers_at(at("2026-04-01T00:00:00Z")));
}

#[test]
fn a_window_across_midnight_belongs_to_the_day_on_which_it_begins() {
    let schedule = weekly("America/New_York", &[raw(&["sun"], "22:00", "02:00")]);
    let delivers = |text| schedule.delivers_at(at(text));
    assert!(!delivers("2026-06-07T21:59:59-04:00"));
    assert!(delivers("2026-06-07T22:00:00-04:00"));
    assert!(delivers("2026-06-08T01:59:59-04:00"), "Monday morning is still Sunday's window");
    assert!(!delivers("2026-06-08T02:00:00-04:00"));
    assert!(!delivers("2026-06-07T01:00:00-04:00"), "Saturday has no window");
}

#[test]
fn a_skipped_hour_never_delivers_and_a_repeated_one_delivers_twice() {
    let schedule = weekly("Europe/Berlin", &[raw(&["sun"], "02:00", "03:00")]);
    let minutes = |from: &str| {
        let from = at(from);
        (0..48 * 60).filter(|minute| schedule.delivers_at(from + SignedDuration::from_mins(*minute))).count()
    };
    assert_eq!(minutes("2026-03-28T00:00:00Z"), 0);
    assert_eq!(minutes("2026-10-24T00:00:00Z"), 120);
}

#[test]
fn schedules_survive_storage() {
    let text = r#"{"start":"2026-03-01T00:00:00Z","end":"2026-04-01T00:00:00Z","time_zone":"Europe/Berlin",
        "windows":[{"days":["fri","mon","mon"],"from":"22:00","to":"02:00"},
                   {"days":["sun"],"from":"00:00","to":"24:00"}]}"#;
    let schedule: Schedule = serde_json::from_str(text).unwrap();
    let stored = serde_json::to_string(&schedule).unwrap();
    assert!(stored.contains(r#"{"days":["mon","fri"],"from":"22:00","to":"02:00"}"#), "{stored}");
    assert_eq!(serde_json::from_str::<Schedule>(&stored).unwrap(), schedule);
    let bare = weekly("UTC", &[]);
    assert_eq!(
        serde_json::to_string(&bare).unwrap(),
        r#"{"start":"2000-01-01T00:00:00Z","time_zone":"UTC"}"#
    );
}

#[test]
fn a_stored_schedule_goes_through_the_same_rules() {
    let refused = [
        r#"{"start":"2026-03-01T00:00:00Z","end":"2026-02-01T00:00:00Z","time_zone":"UTC"}"#,
        r#"{"start":"2026-03-01T00:00:00Z","time_zone":"UTC","weekdays":[]}"#,
        r#"{"start":"2026-03-01T00:00:00Z","time_zone":"UTC","windows":[{"days":[],"from":"01:00","to":"02:00"}]}"#,
    ];
    for text in refused {
        assert!(serde_json::from_str::<Schedule>(text).is_err(), "{text}");
    }
}

/// Each window laid on the calendar, day by day, as civil spans: slow, and plain to see.
fn delivers_by_calendar(windows: &[Window], civil: DateTime) -> bool {
    let days: [Date; 2] = [civil.date(), civil.date().yesterday().unwrap()];
    days.iter().any(|date| {
        windows.iter().any(|window| {
            let begins = |time: TimeOfDay| {
                date.to_datetime(Time::midnight()).checked_add(i64::from(time.minutes()).minutes()).unwrap()
            };
            let (from, mut to) = (begins(window.from()), begins(window.to()));
            if to <= from {
                to = to.checked_add(1.day()).unwrap();
            }
            let named = format!("{:?}", date.weekday())[..3].to_lowercase();
            window.days().iter().any(|day| day.as_str() == named) && from <= civil && civil < to
        })
    })
}

/// Up to four windows, of which those that overlap an earlier one are dropped.
fn windows() -> impl Strategy<Value = Vec<Window>> {
    let time = (0..24_u16, 0..60_u16).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    let to = prop_oneof![4 => time.clone(), 1 => Just("24:00".to_owned())];
    let days = proptest::sample::subsequence(Weekday::ALL.to_vec(), 1..=7);
    let window = (days, time, to).prop_filter_map("a window has a length", |(days, from, to)| {
        Window::new(days.into_iter().collect(), from.parse().unwrap(), to.parse().unwrap()).ok()
    });
    proptest::collection::vec(window, 1..=4).prop_map(|windows| {
        windows.into_iter().fold(Vec::new(), |mut kept: Vec<Window>, window| {
            if !kept.iter().any(|earlier| earlier.overlaps(&window)) {
                kept.push(window);
            }
            kept
        })
    })
}

/// The noon before a change of the clocks: forward and back, by an hour, by half an hour, and across midnight.
const CHANGES: [(&str, &str); 10] = [
    ("America/New_York", "2026-03-07T17:00:00Z"),
    ("America/New_York", "2026-10-31T16:00:00Z"),
    ("Europe/Berlin", "2026-03-28T11:00:00Z"),
    ("Europe/Berlin", "2026-10-24T10:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T01:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T01:30:00Z"),
    ("America/Sao_Paulo", "2018-11-03T15:00:00Z"),
    ("America/Sao_Paulo", "2019-02-16T14:00:00Z"),
    ("Asia/Beirut", "2026-03-28T10:00:00Z"),
    ("Asia/Beirut", "2026-10-24T09:00:00Z"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn delivery_agrees_with_the_calendar_in_every_minute(
        windows in windows(),
        (zone, noon) in proptest::sample::select(CHANGES.to_vec()),
    ) {
        let zone: Zone = zone.parse().unwrap();
        let from = at(noon);
        let schedule = Schedule::new(from, None, zone.clone(), windows.clone()).unwrap();
        for minute in 0..36 * 60 {
            let now = from + SignedDuration::from_mins(minute);
            let expected = delivers_by_calendar(&windows, zone.civil(now));
            prop_assert_eq!(schedule.delivers_at(now), expected, "{} in {}", zone.civil(now), zone);
        }
    }

    #[test]
    fn any_time_of_day_reads_as_it_was_written(minutes in 0..=1_440_u16) {
        let text = format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let time: TimeOfDay = text.parse().unwrap();
        prop_assert_eq!((time.minutes(), time.to_string()), (minutes, text));
    }

    #[test]
    fn any_text_parses_or_is_refused(text: String) {
        let _ = text.parse::<TimeOfDay>();
        let _ = Schedule::parse(&text, Some(&text), &text, &[raw(&[&text], &text, &text)]);
    }
}
