//! When ads may be shown: a flight from start to end, and the hours of the week within it.

mod window;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::window::{RawWindow, TimeOfDay, Weekday, Window};
use crate::id::shortened;
use crate::{Faults, Violation, Violations, Zone};

/// When ads may be shown. Windows are civil time in the zone: an hour that the clocks skip is skipped, one that they
/// repeat is shown twice. Without windows, every hour of the flight counts.
///
/// ```
/// use adstead_domain::{RawWindow, Schedule};
///
/// let nights = RawWindow { days: vec!["fri".into()], from: "22:00".into(), to: "02:00".into() };
/// let schedule = Schedule::parse("2026-03-01T00:00:00Z", None, "Europe/Berlin", &[nights]).unwrap();
/// assert!(schedule.delivers_at("2026-03-07T01:30:00+01:00".parse().unwrap()), "Saturday, still Friday's night");
/// assert!(!schedule.delivers_at("2026-03-07T22:30:00+01:00".parse().unwrap()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "RawSchedule", try_from = "RawSchedule")]
pub struct Schedule {
    start: Timestamp,
    end: Option<Timestamp>,
    zone: Zone,
    windows: Vec<Window>,
}

/// Where an instant lies in relation to a flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flight {
    /// The flight has not begun yet.
    Ahead,
    /// The flight has begun and is not over.
    Running,
    /// The flight is over.
    Over,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchedule {
    start: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    time_zone: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    windows: Vec<RawWindow>,
}

impl Schedule {
    /// The most windows of one schedule: eight a day, were each day different.
    pub const MAX_WINDOWS: usize = 56;

    /// A flight from `start` up to, not including, `end`, or without end.
    ///
    /// # Errors
    /// All faults at once: an end that is not after the start (`/end`), more than [`Schedule::MAX_WINDOWS`]
    /// (`/windows`), a window that overlaps an earlier one (`/windows/1`).
    pub fn new(
        start: Timestamp,
        end: Option<Timestamp>,
        zone: Zone,
        windows: Vec<Window>,
    ) -> Result<Self, Violations> {
        let mut faults = Faults::default();
        check_order(&mut faults, start, end, &zone);
        check_windows(&mut faults, &windows.iter().map(Some).collect::<Vec<_>>());
        faults.finish(|| Some(Self { start, end, zone, windows }))
    }

    /// The schedule that these texts spell: instants in RFC 3339, a zone by its IANA name.
    ///
    /// # Errors
    /// All faults at once, each at its place: `/start`, `/end`, `/time_zone`, `/windows/0/days/1`; and those of
    /// [`Schedule::new`].
    pub fn parse(
        start: &str,
        end: Option<&str>,
        time_zone: &str,
        windows: &[RawWindow],
    ) -> Result<Self, Violations> {
        let mut faults = Faults::default();
        let start = faults.at("/start", instant(start));
        let end = end.and_then(|end| faults.at("/end", instant(end)));
        let zone = faults.at("/time_zone", time_zone.parse::<Zone>());
        let windows: Vec<Option<Window>> = (windows.iter().enumerate())
            .map(|(index, raw)| faults.at(&format!("/windows/{index}"), Window::parse(raw)))
            .collect();
        if let Some(start) = start {
            check_order(&mut faults, start, end, zone.as_ref().unwrap_or(&Zone::utc()));
        }
        check_windows(&mut faults, &windows.iter().map(Option::as_ref).collect::<Vec<_>>());
        faults.finish(|| {
            Some(Self {
                start: start?,
                end,
                zone: zone?,
                windows: windows.into_iter().collect::<Option<_>>()?,
            })
        })
    }

    /// The first instant of the flight.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The first instant after the flight, where it has an end.
    pub fn end(&self) -> Option<Timestamp> {
        self.end
    }

    /// The zone in which its windows are meant.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The hours of the week to which delivery is confined; none for all of them.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Where `now` lies in relation to the flight.
    pub fn flight_at(&self, now: Timestamp) -> Flight {
        if now < self.start {
            Flight::Ahead
        } else if self.end.is_some_and(|end| end <= now) {
            Flight::Over
        } else {
            Flight::Running
        }
    }

    /// Whether a campaign may be activated at `now`.
    ///
    /// # Errors
    /// A state violation where the flight has not begun yet or is over, with the instants in the schedule's zone.
    pub fn admits(&self, now: Timestamp) -> Result<(), Violation> {
        let written = |instant| self.zone.written(instant);
        match (self.flight_at(now), self.end) {
            (Flight::Ahead, _) => Err(Violation::state(format!(
                "the schedule begins at {}, it is {} now: wait until then, or set an earlier start",
                written(self.start),
                written(now)
            ))),
            (Flight::Over, Some(end)) => Err(Violation::state(format!(
                "the schedule ended at {}, it is {} now: set a later end",
                written(end),
                written(now)
            ))),
            (Flight::Running | Flight::Over, _) => Ok(()),
        }
    }

    /// Whether ads may be shown at `now`: within the flight, and within a window where there are any.
    pub fn delivers_at(&self, now: Timestamp) -> bool {
        let civil = self.zone.civil(now);
        let in_window = || self.windows.is_empty() || self.windows.iter().any(|window| window.holds(civil));
        self.flight_at(now) == Flight::Running && in_window()
    }
}

fn instant(text: &str) -> Result<Timestamp, Violation> {
    text.parse().map_err(|_| {
        let text = shortened(text);
        Violation::invalid(format!(
            "{text:?} is not an instant: write RFC 3339 with an offset, such as 2026-03-01T09:00:00Z"
        ))
    })
}

fn check_order(faults: &mut Faults, start: Timestamp, end: Option<Timestamp>, zone: &Zone) {
    if let Some(end) = end.filter(|end| *end <= start) {
        let message = format!(
            "the end, {}, is not after the start, {}: set a later end, or none",
            zone.written(end),
            zone.written(start)
        );
        faults.push("/end", Violation::invalid(message));
    }
}

/// Compares the windows that parsed; their places count those that did not.
fn check_windows(faults: &mut Faults, windows: &[Option<&Window>]) {
    if windows.len() > Schedule::MAX_WINDOWS {
        let message = format!(
            "{} windows are more than the {} that a schedule may have: join those with the same hours",
            windows.len(),
            Schedule::MAX_WINDOWS
        );
        return faults.push("/windows", Violation::invalid(message));
    }
    for (index, window) in windows.iter().enumerate() {
        let Some(window) = window else { continue };
        if let Some(earlier) = windows[..index].iter().flatten().find(|earlier| earlier.overlaps(window)) {
            let message = format!("the window {window} overlaps {earlier}: join them, or part their hours");
            faults.push(&format!("/windows/{index}"), Violation::invalid(message));
        }
    }
}

impl From<Schedule> for RawSchedule {
    fn from(schedule: Schedule) -> Self {
        let Schedule { start, end, zone, windows } = schedule;
        Self {
            start: start.to_string(),
            end: end.map(|end| end.to_string()),
            time_zone: zone.into(),
            windows: windows.iter().map(RawWindow::from).collect(),
        }
    }
}

impl TryFrom<RawSchedule> for Schedule {
    type Error = Violations;

    fn try_from(raw: RawSchedule) -> Result<Self, Self::Error> {
        Self::parse(&raw.start, raw.end.as_deref(), &raw.time_zone, &raw.windows)
    }
}

#[cfg(test)]
mod tests;
