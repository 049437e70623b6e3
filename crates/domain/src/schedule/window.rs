//! Hours of the week in which ads may be shown.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::id::shortened;
use crate::vocabulary::vocabulary;
use crate::{Faults, Violation, Violations};

const MINUTES_OF_DAY: u16 = 24 * 60;
const MINUTES_OF_WEEK: u16 = 7 * MINUTES_OF_DAY;

vocabulary! {
    /// A day of the week.
    Weekday, "a weekday" {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
    }
}

/// A minute on the clock, written `HH:MM`: `00:00` to `23:59`, and `24:00` for the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The end of a day, `24:00`.
    pub const END: Self = Self(MINUTES_OF_DAY);

    /// Minutes since midnight, 0–1,440.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for TimeOfDay {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let two_digits = |part: &str| {
            let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse::<u16>().ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(hours, minutes)| Some((two_digits(hours)?, two_digits(minutes)?)))
            .filter(|&(hours, minutes)| minutes < 60 && hours * 60 + minutes <= MINUTES_OF_DAY)
            .map(|(hours, minutes)| Self(hours * 60 + minutes))
            .ok_or_else(|| {
                let text = shortened(text);
                Violation::invalid(format!("{text:?} is not a time of day: write HH:MM, from 00:00 to 24:00"))
            })
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The same hours on some days of the week, in civil time: from `from` up to, not including, `to`.
///
/// Where `to` is the earlier of the two, the window crosses midnight and belongs to the day on which it begins:
/// Friday's 22:00 to 02:00 ends on Saturday.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Window {
    days: BTreeSet<Weekday>,
    from: TimeOfDay,
    to: TimeOfDay,
}

/// A [`Window`] as it travels and is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawWindow {
    /// The days on which it begins: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.
    pub days: Vec<String>,
    /// Its first minute, `HH:MM`.
    pub from: String,
    /// The minute at which it is over, `HH:MM`; `24:00` is the end of the day.
    pub to: String,
}

impl Window {
    /// The hours from `from` to `to` on each of `days`.
    ///
    /// # Errors
    /// All faults at once: no day (`/days`), a window that begins at the end of a day (`/from`), one without
    /// length (`/to`).
    pub fn new(days: BTreeSet<Weekday>, from: TimeOfDay, to: TimeOfDay) -> Result<Self, Violations> {
        let mut faults = Faults::default();
        check_days(&mut faults, &days);
        check_hours(&mut faults, from, to);
        faults.finish(|| Some(Self { days, from, to }))
    }

    /// The window that `raw` spells.
    ///
    /// # Errors
    /// All faults at once, each at its place: `/days/1`, `/from`.
    pub fn parse(raw: &RawWindow) -> Result<Self, Violations> {
        let RawWindow { days, from, to } = raw;
        let mut faults = Faults::default();
        let known: BTreeSet<Weekday> = (days.iter().enumerate())
            .filter_map(|(index, day)| faults.at(&format!("/days/{index}"), day.parse::<Weekday>()))
            .collect();
        if days.is_empty() {
            check_days(&mut faults, &known);
        }
        let from = faults.at("/from", from.parse::<TimeOfDay>());
        let to = faults.at("/to", to.parse::<TimeOfDay>());
        if let (Some(from), Some(to)) = (from, to) {
            check_hours(&mut faults, from, to);
        }
        faults.finish(|| Some(Self { days: known, from: from?, to: to? }))
    }

    /// The days on which it begins.
    pub fn days(&self) -> &BTreeSet<Weekday> {
        &self.days
    }

    /// Its first minute.
    pub fn from(&self) -> TimeOfDay {
        self.from
    }

    /// The minute at which it is over: on the next day where it is before [`from`](Self::from).
    pub fn to(&self) -> TimeOfDay {
        self.to
    }

    /// Whether clocks that show `civil` are inside the window.
    pub fn holds(&self, civil: DateTime) -> bool {
        let day = u16::try_from(civil.weekday().to_monday_zero_offset()).expect("a week has seven days");
        let minute = u16::from(civil.hour().unsigned_abs()) * 60 + u16::from(civil.minute().unsigned_abs());
        self.holds_minute(day * MINUTES_OF_DAY + minute)
    }

    /// Whether there is a minute of the week that both hold.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.starts().any(|start| other.holds_minute(start))
            || other.starts().any(|start| self.holds_minute(start))
    }

    /// `minute` counts from Monday 00:00; the week is a circle, so that Sunday night runs into Monday.
    fn holds_minute(&self, minute: u16) -> bool {
        let length = match self.to.0.checked_sub(self.from.0) {
            Some(length) => length,
            None => self.to.0 + MINUTES_OF_DAY - self.from.0,
        };
        self.starts().any(|start| (minute + MINUTES_OF_WEEK - start) % MINUTES_OF_WEEK < length)
    }

    fn starts(&self) -> impl Iterator<Item = u16> {
        self.days.iter().map(|day| *day as u16 * MINUTES_OF_DAY + self.from.0)
    }
}

fn check_days(faults: &mut Faults, days: &BTreeSet<Weekday>) {
    if days.is_empty() {
        faults.push("/days", Violation::invalid("a window needs a day: list one or more of mon to sun"));
    }
}

fn check_hours(faults: &mut Faults, from: TimeOfDay, to: TimeOfDay) {
    if from == TimeOfDay::END {
        let message = "a window cannot begin at the end of a day: write 00:00, and name the next day";
        faults.push("/from", Violation::invalid(message));
    } else if from == to {
        let message =
            format!("a window from {from} to {to} has no length: for a whole day write 00:00 to 24:00");
        faults.push("/to", Violation::invalid(message));
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.days.iter().map(|day| day.as_str()).collect::<Vec<_>>().join(",");
        write!(f, "{days} {}–{}", self.from, self.to)
    }
}

impl From<&Window> for RawWindow {
    fn from(window: &Window) -> Self {
        let Window { days, from, to } = window;
        Self {
            days: days.iter().map(Weekday::to_string).collect(),
            from: from.to_string(),
            to: to.to_string(),
        }
    }
}
