//! Time zones: which instants a civil day has, across every change of the clocks.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, tz};
use serde::{Deserialize, Serialize};

use crate::Violation;
use crate::id::shortened;

/// A time zone of the IANA database (<https://www.iana.org/time-zones>), written as its name.
///
/// A fixed offset such as `+02:00` is no zone, since it knows no daylight saving; nor is the machine's own zone, since
/// it differs between nodes.
///
/// ```
/// use adstead_domain::Zone;
///
/// assert_eq!("europe/berlin".parse::<Zone>().unwrap().name(), "Europe/Berlin");
/// let refused = "Europe/Berln".parse::<Zone>().unwrap_err();
/// assert!(refused.message().ends_with("is not a time zone of the IANA database: did you mean Europe/Berlin?"));
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Zone(TimeZone);

/// A piece of time in which a zone keeps one offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffsetSpan {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// What is added to UTC to get civil time, in seconds.
    pub offset_seconds: i32,
}

impl Zone {
    /// Coordinated universal time.
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its name in the IANA database, such as `America/New_York`.
    pub fn name(&self) -> &str {
        self.0.iana_name().expect("only zones with a name are parsed")
    }

    /// The civil day to which `instant` belongs: the one whose [bounds](Self::day_bounds) hold it.
    pub fn day_of(&self, instant: Timestamp) -> Date {
        let date = self.civil(instant).date();
        // Where clocks went back across midnight (St. John's until 2011), the day that had begun goes on.
        match date.tomorrow() {
            Ok(tomorrow) if self.start_of(tomorrow) <= instant => tomorrow,
            Ok(_) | Err(_) => date,
        }
    }

    /// The first instant of `date`, and the first instant of the day after it.
    ///
    /// The bounds of successive days meet, so that each instant belongs to exactly one day. A day lasts 23, 24 or 25
    /// hours as a rule, and none at all where the zone skipped it (Apia, 30 December 2011). Bounds outside the range
    /// of [`Timestamp`] are clamped to it.
    pub fn day_bounds(&self, date: Date) -> (Timestamp, Timestamp) {
        (self.start_of(date), date.tomorrow().map_or(Timestamp::MAX, |next| self.start_of(next)))
    }

    /// The half-open span from `from` to `to` in pieces of constant offset, in order; none where it is empty.
    pub fn offset_spans(&self, from: Timestamp, to: Timestamp) -> Vec<OffsetSpan> {
        let mut spans: Vec<OffsetSpan> = Vec::new();
        let changes = self.0.following(from).map(|change| change.timestamp());
        let mut start = from;
        for end in changes.take_while(|change| *change < to).chain([to]) {
            let offset_seconds = self.0.to_offset(start).seconds();
            match spans.last_mut() {
                // Not every transition moves the clock: some change only the zone's abbreviation.
                Some(last) if last.offset_seconds == offset_seconds => last.to = end,
                _ if start < end => spans.push(OffsetSpan { from: start, to: end, offset_seconds }),
                _ => {}
            }
            start = end;
        }
        spans
    }

    /// The first instant at which clocks of the zone show `civil`; where they skip it, the one that is as long after the skip.
    pub(crate) fn instant(&self, civil: DateTime) -> Timestamp {
        let zoned = self.0.to_ambiguous_zoned(civil).compatible();
        zoned.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    /// What calendars and clocks of the zone show at `instant`.
    pub(crate) fn civil(&self, instant: Timestamp) -> DateTime {
        self.0.to_datetime(instant)
    }

    /// `instant` as a person in the zone writes it: `2026-03-01 09:30 Europe/Berlin`.
    pub fn written(&self, instant: Timestamp) -> String {
        format!("{} {}", self.civil(instant).strftime("%Y-%m-%d %H:%M"), self.name())
    }

    fn start_of(&self, date: Date) -> Timestamp {
        let midnight = date.to_datetime(Time::midnight());
        let start = match self.0.to_ambiguous_timestamp(midnight).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(midnight),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(midnight),
            // There is no midnight: the day begins when the clocks have gone forward.
            AmbiguousOffset::Gap { after, .. } => after.to_timestamp(midnight).map(|before_gap| {
                let change = self.0.following(before_gap).next();
                change.map_or(before_gap, |change| change.timestamp())
            }),
        };
        start.unwrap_or(if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }
}

impl FromStr for Zone {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        TimeZone::get(name)
            .ok()
            .filter(|zone| zone.iana_name().is_some_and(is_a_place))
            .map(Self)
            .ok_or_else(|| refusal(name))
    }
}

/// `Factory` stands for a clock that nobody has set.
fn is_a_place(name: &str) -> bool {
    name != "Factory"
}

fn refusal(name: &str) -> Violation {
    let without_utc = name.trim_start_matches(|c: char| "UTCGMTutcgmt".contains(c));
    if without_utc.starts_with(['+', '-']) || name == "Z" {
        return Violation::invalid(format!(
            "{:?} is a fixed offset, which knows no daylight saving: name a zone such as Europe/Berlin or UTC",
            shortened(name)
        ));
    }
    let nearest = nearest_zones(name);
    let advice = if nearest.is_empty() {
        "use a name such as Europe/Berlin, America/New_York or UTC".to_owned()
    } else {
        format!("did you mean {}?", nearest.join(" or "))
    };
    Violation::invalid(format!("{:?} is not a time zone of the IANA database: {advice}", shortened(name)))
}

/// Up to three zones with the name or the city most like `wanted`.
fn nearest_zones(wanted: &str) -> Vec<String> {
    const MANY: usize = 3;
    const LONGEST: usize = 40;
    if wanted.is_empty() || wanted.len() > LONGEST {
        return Vec::new();
    }
    let wanted = wanted.replace(' ', "_");
    let city = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let wanted_city = city(&wanted);
    let mut ranked: Vec<(usize, String)> = tz::db()
        .available()
        .filter(|known| is_a_place(known.as_str()))
        .map(|known| {
            let apart = distance(&wanted, known.as_str()).min(distance(&wanted_city, &city(known.as_str())));
            (apart, known.as_str().to_owned())
        })
        .filter(|(apart, _)| *apart <= wanted_city.len() / 3)
        .collect();
    ranked.sort();
    let best = ranked.first().map_or(0, |(apart, _)| *apart);
    ranked.into_iter().take_while(|(apart, _)| *apart == best).take(MANY).map(|(_, name)| name).collect()
}

/// Levenshtein's distance in bytes, ASCII case aside.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, x) in left.bytes().enumerate() {
        let mut diagonal = mem::replace(&mut row[0], i + 1);
        for (j, y) in right.bytes().enumerate() {
            let substituted = diagonal + usize::from(!x.eq_ignore_ascii_case(&y));
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

impl TryFrom<String> for Zone {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::{SignedDuration, ToSpan};
    use proptest::prelude::*;

    use super::*;

    /// Zones that change their clocks by an hour, by half an hour, at midnight, by a whole day, or never.
    const ZONES: [&str; 11] = [
        "UTC",
        "America/New_York",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "America/Nuuk",
        "Europe/Berlin",
        "Pacific/Apia",
    ];

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn refusal(name: &str) -> String {
        name.parse::<Zone>().unwrap_err().message().to_owned()
    }

    fn hours(name: &str, date: Date) -> f64 {
        let (from, to) = zone(name).day_bounds(date);
        to.duration_since(from).as_secs_f64() / 3_600.0
    }

    #[test]
    fn an_unknown_zone_is_refused_and_the_nearest_ones_are_named() {
        assert!(refusal("New York").ends_with("did you mean America/New_York?"));
        assert!(refusal("America/Berlin").ends_with("did you mean Europe/Berlin?"));
        assert!(refusal("Asia/Calcuta").ends_with("did you mean Asia/Calcutta?"));
        assert!(
            refusal("Mars/Olympus_Mons")
                .ends_with("use a name such as Europe/Berlin, America/New_York or UTC")
        );
        assert!(refusal("").ends_with("use a name such as Europe/Berlin, America/New_York or UTC"));
        assert!(refusal(&"é".repeat(500)).chars().count() < 200);
    }

    #[test]
    fn offsets_and_the_zone_of_the_machine_are_refused() {
        for offset in ["+02:00", "-0500", "UTC+2", "gmt-7", "Z"] {
            assert!(refusal(offset).contains("is a fixed offset"), "{offset}");
        }
        for name in ["Local", "localtime", "Factory", "Etc/Unknown", "EST5EDT4,M3.2.0,M11.1.0"] {
            assert!(refusal(name).contains("is not a time zone"), "{name}");
        }
    }

    #[test]
    fn zones_travel_as_their_names_and_are_equal_by_name() {
        let berlin: Zone = serde_json::from_str(r#""EUROPE/BERLIN""#).unwrap();
        assert_eq!(serde_json::to_string(&berlin).unwrap(), r#""Europe/Berlin""#);
        assert_eq!(berlin, zone("Europe/Berlin"));
        assert_ne!(berlin, Zone::utc());
        assert_eq!(zone("utc"), Zone::utc());
    }

    #[test]
    fn a_day_is_as_long_as_its_clocks_say() {
        assert_eq!(hours("America/New_York", date(2026, 3, 7)), 24.0);
        assert_eq!(hours("America/New_York", date(2026, 3, 8)), 23.0);
        assert_eq!(hours("America/New_York", date(2026, 11, 1)), 25.0);
        assert_eq!(hours("Australia/Lord_Howe", date(2026, 10, 4)), 23.5);
        assert_eq!(hours("Australia/Lord_Howe", date(2026, 4, 5)), 24.5);
        assert_eq!(hours("Pacific/Apia", date(2011, 12, 30)), 0.0);
    }

    #[test]
    fn a_day_without_midnight_begins_when_the_clocks_have_gone_forward() {
        let (from, _) = zone("America/Sao_Paulo").day_bounds(date(2018, 11, 4));
        assert_eq!(from, "2018-11-04T01:00:00-02:00".parse().unwrap());
        let (from, _) = zone("Asia/Beirut").day_bounds(date(2024, 3, 31));
        assert_eq!(from, "2024-03-31T01:00:00+03:00".parse().unwrap());
    }

    #[test]
    fn a_day_that_had_begun_goes_on_when_the_clocks_go_back_across_midnight() {
        let st_johns = zone("America/St_Johns");
        let (from, _) = st_johns.day_bounds(date(2010, 11, 7));
        assert_eq!(from, "2010-11-07T00:00:00-02:30".parse().unwrap());
        let repeated: Timestamp = "2010-11-06T23:30:00-03:30".parse().unwrap();
        assert_eq!(st_johns.day_of(repeated), date(2010, 11, 7));
    }

    #[test]
    fn the_ends_of_the_calendar_are_clamped() {
        let utc = Zone::utc();
        let (from, to) = utc.day_bounds(Date::MAX);
        assert!(from <= to && to == Timestamp::MAX);
        assert!(utc.day_bounds(Date::MIN).0 >= Timestamp::MIN);
        let (from, to) = zone("Asia/Kathmandu").day_bounds(Date::MIN);
        assert!(from <= to && to < Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_change_of_the_clocks_splits_a_span() {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        let (from, change, to) =
            (instant("2026-03-01T00:00Z"), instant("2026-03-29T01:00Z"), instant("2026-04-01T00:00Z"));
        let berlin = zone("Europe/Berlin");
        assert_eq!(
            berlin.offset_spans(from, to),
            [
                OffsetSpan { from, to: change, offset_seconds: 3_600 },
                OffsetSpan { from: change, to, offset_seconds: 7_200 }
            ]
        );
        assert_eq!(berlin.offset_spans(change, to).len(), 1);
        assert_eq!(berlin.offset_spans(from, change).len(), 1);
        assert_eq!(berlin.offset_spans(to, to), []);
        assert_eq!(berlin.offset_spans(to, from), []);
    }

    fn zones() -> impl Strategy<Value = Zone> {
        proptest::sample::select(ZONES.map(zone).to_vec())
    }

    /// Instants from 1960 to 2100.
    fn instants() -> impl Strategy<Value = Timestamp> {
        (-315_619_200..=4_102_444_800_i64).prop_map(|second| Timestamp::from_second(second).unwrap())
    }

    proptest! {
        #[test]
        fn days_tile_time_without_gap(zone in zones(), instant in instants()) {
            let day = zone.day_of(instant);
            let (from, to) = zone.day_bounds(day);
            prop_assert!(from <= instant && instant < to, "{instant} in {day} of {zone}: {from} to {to}");
            prop_assert_eq!(zone.day_bounds(day.tomorrow().unwrap()).0, to);
            prop_assert_eq!(zone.day_of(from), day);
            prop_assert_eq!(zone.day_of(to - 1.nanosecond()), day);
        }

        #[test]
        fn offset_spans_tile_their_range(
            zone in zones(), from in instants(), days in 0..2_000_i64, part in 2..50_i32,
        ) {
            let to = from + SignedDuration::from_hours(days * 24);
            let spans = zone.offset_spans(from, to);
            let covered: SignedDuration = spans.iter().map(|span| span.to.duration_since(span.from)).sum();
            prop_assert_eq!(covered, to.duration_since(from));
            for pair in spans.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
                prop_assert_ne!(pair[0].offset_seconds, pair[1].offset_seconds);
            }
            for span in &spans {
                let within = span.from + span.to.duration_since(span.from) / part;
                let sampled = [span.from, within, span.to - 1.nanosecond()];
                prop_assert!(sampled.iter().all(|at| zone.0.to_offset(*at).seconds() == span.offset_seconds));
            }
        }

        #[test]
        fn any_text_parses_or_is_refused(text in r"\PC{0,50}") {
            let _ = text.parse::<Zone>();
        }
    }
}
