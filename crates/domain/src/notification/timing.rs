use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{TimeOfDay, Violation, Zone};

vocabulary! {
    /// How often somebody wants to be told.
    Cadence, "a cadence" {
        /// Of each thing as it happens.
        AtOnce = "at_once",
        /// Once an hour of all that happened, at the full hour.
        Hourly = "hourly",
        /// Once a day of all that happened, at eight in the morning.
        Daily = "daily",
    }
}

/// Hours of each day in which somebody does not want to be disturbed: from `from` up to, not including, `to`; across midnight
/// where `to` is the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: TimeOfDay,
    to: TimeOfDay,
}

impl QuietHours {
    /// The hours between two times of the day.
    ///
    /// # Errors
    /// Hours that are none, or all of them.
    pub fn new(from: TimeOfDay, to: TimeOfDay) -> Result<Self, Violation> {
        if from.minutes() % Self::DAY == to.minutes() % Self::DAY {
            return Err(Violation::invalid(format!(
                "quiet hours from {from} to {to} are none, or all of them: leave them out, or give two different times"
            )));
        }
        Ok(Self { from, to })
    }

    /// When they begin.
    pub const fn from(&self) -> TimeOfDay {
        self.from
    }

    /// When they end.
    pub const fn to(&self) -> TimeOfDay {
        self.to
    }

    const DAY: u16 = 24 * 60;

    /// The civil time at which the quiet that holds `now` ends; nothing where none does.
    fn end(&self, now: DateTime) -> Option<DateTime> {
        let minute = now.hour() as u16 * 60 + now.minute() as u16;
        let (from, to) = (self.from.minutes() % Self::DAY, self.to.minutes() % Self::DAY);
        let crosses_midnight = to < from;
        let is_quiet =
            if crosses_midnight { minute >= from || minute < to } else { (from..to).contains(&minute) };
        let date = if crosses_midnight && minute >= from { now.date().tomorrow().ok()? } else { now.date() };
        let end = Time::new((to / 60) as i8, (to % 60) as i8, 0, 0).ok()?;
        is_quiet.then(|| date.to_datetime(end))
    }
}

/// When somebody wants to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// How often.
    pub cadence: Cadence,
    /// When not.
    pub quiet_hours: Option<QuietHours>,
    /// Whose clock counts.
    pub time_zone: Zone,
}

impl Timing {
    /// When daily news come.
    pub const MORNING: i8 = 8;

    /// The moment from which somebody can be told of what happened at `now`; nothing where that is at once. What is critical
    /// waits for nothing.
    ///
    /// ```
    /// use adstead_domain::{Cadence, QuietHours, Timing};
    ///
    /// let timing = Timing {
    ///     cadence: Cadence::AtOnce,
    ///     quiet_hours: Some(QuietHours::new("22:00".parse().unwrap(), "07:30".parse().unwrap()).unwrap()),
    ///     time_zone: "Europe/Berlin".parse().unwrap(),
    /// };
    /// let night = "2026-03-01T22:15:00Z".parse().unwrap();
    /// assert_eq!(timing.due(false, night), Some("2026-03-02T06:30:00Z".parse().unwrap()));
    /// assert_eq!(timing.due(true, night), None);
    /// ```
    pub fn due(&self, is_critical: bool, now: Timestamp) -> Option<Timestamp> {
        if is_critical {
            return None;
        }
        let civil = self.time_zone.civil(now);
        let wanted = match self.cadence {
            Cadence::AtOnce => None,
            Cadence::Hourly => civil
                .with()
                .minute(0)
                .second(0)
                .subsec_nanosecond(0)
                .build()
                .ok()
                .and_then(|hour| hour.checked_add(jiff::Span::new().hours(1)).ok()),
            Cadence::Daily => {
                let morning =
                    |day: jiff::civil::Date| day.to_datetime(Time::constant(Self::MORNING, 0, 0, 0));
                let today = morning(civil.date());
                if civil < today { Some(today) } else { civil.date().tomorrow().ok().map(morning) }
            }
        };
        self.undisturbed(wanted.unwrap_or(civil))
            .or(wanted)
            .map(|at| self.time_zone.instant(at))
            .filter(|at| *at > now)
    }

    /// When the quiet ends that holds `now`; nothing where none does.
    pub fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.undisturbed(self.time_zone.civil(now))?;
        Some(self.time_zone.instant(end)).filter(|end| *end > now)
    }

    fn undisturbed(&self, at: DateTime) -> Option<DateTime> {
        self.quiet_hours.and_then(|quiet| quiet.end(at))
    }
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
struct RawQuietHours {
    from: String,
    to: String,
}

impl Serialize for QuietHours {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawQuietHours { from: self.from.to_string(), to: self.to.to_string() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for QuietHours {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let RawQuietHours { from, to } = RawQuietHours::deserialize(deserializer)?;
        let time = |text: String| text.parse::<TimeOfDay>();
        let hours = time(from).and_then(|from| Self::new(from, time(to)?));
        hours.map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(cadence: Cadence, quiet: Option<(&str, &str)>) -> Timing {
        let quiet =
            quiet.map(|(from, to)| QuietHours::new(from.parse().unwrap(), to.parse().unwrap()).unwrap());
        Timing { cadence, quiet_hours: quiet, time_zone: "America/New_York".parse().unwrap() }
    }

    #[track_caller]
    fn is_due(timing: &Timing, now: &str, expected: Option<&str>) {
        let due = timing.due(false, now.parse().unwrap());
        assert_eq!(due, expected.map(|at| at.parse().unwrap()), "{timing:?} at {now}");
    }

    #[test]
    fn news_come_at_once_hourly_or_in_the_morning() {
        is_due(&timing(Cadence::AtOnce, None), "2026-06-01T12:34:56Z", None);
        is_due(&timing(Cadence::Hourly, None), "2026-06-01T12:34:56Z", Some("2026-06-01T13:00:00Z"));
        is_due(&timing(Cadence::Daily, None), "2026-06-01T11:59:00Z", Some("2026-06-01T12:00:00Z"));
        is_due(&timing(Cadence::Daily, None), "2026-06-01T12:00:00Z", Some("2026-06-02T12:00:00Z"));
        is_due(&timing(Cadence::Daily, None), "2026-01-01T12:30:00Z", Some("2026-01-01T13:00:00Z"));
    }

    #[test]
    fn quiet_hours_are_waited_for() {
        let night = timing(Cadence::AtOnce, Some(("22:00", "07:00")));
        is_due(&night, "2026-06-02T01:59:59Z", None);
        is_due(&night, "2026-06-02T02:00:00Z", Some("2026-06-02T11:00:00Z"));
        is_due(&night, "2026-06-02T10:59:00Z", Some("2026-06-02T11:00:00Z"));
        is_due(&night, "2026-06-02T11:00:00Z", None);
        let noon = timing(Cadence::AtOnce, Some(("12:00", "24:00")));
        is_due(&noon, "2026-06-02T16:00:00Z", Some("2026-06-03T04:00:00Z"));
        let mornings = timing(Cadence::Daily, Some(("07:00", "09:30")));
        is_due(&mornings, "2026-06-01T18:00:00Z", Some("2026-06-02T13:30:00Z"));
    }

    #[test]
    fn quiet_ends_by_the_clock_also_where_that_changes() {
        // Clocks went forward from 02:00 to 03:00 on 8 March 2026.
        let night = timing(Cadence::AtOnce, Some(("23:00", "02:30")));
        is_due(&night, "2026-03-08T05:00:00Z", Some("2026-03-08T07:30:00Z"));
    }

    #[test]
    fn all_day_is_not_quiet() {
        for (from, to) in [("08:00", "08:00"), ("00:00", "24:00")] {
            assert!(QuietHours::new(from.parse().unwrap(), to.parse().unwrap()).is_err(), "{from} {to}");
        }
    }
}
