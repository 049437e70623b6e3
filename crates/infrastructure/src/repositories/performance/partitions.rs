//! The partitions of PostgreSQL's raw events: one a month (UTC), so that old ones are dropped at once.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use adstead_domain::PerformanceEvent;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::database::{DatabaseError, DatabaseManager};
use crate::repositories::entity::value::micros;

/// The months for which there are partitions, as far as this process knows.
#[derive(Default)]
pub(super) struct Partitions {
    known: Mutex<BTreeSet<Month>>,
}

/// A month (UTC), by its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Month(Date);

impl Partitions {
    /// Makes the partitions of `events` where there are none yet.
    pub(super) async fn provide(
        &self,
        database: &DatabaseManager,
        events: &[&PerformanceEvent],
    ) -> Result<(), DatabaseError> {
        let mut missing: BTreeSet<Month> = BTreeSet::new();
        {
            let known = self.known();
            let mut last = None;
            for month in events.iter().map(|event| Month::of(event.occurred_at)) {
                if last != Some(month) && !known.contains(&month) {
                    missing.insert(month);
                }
                last = Some(month);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        database
            .transaction(async |tx| {
                for month in &missing {
                    month.provide(tx).await?;
                }
                Ok::<_, DatabaseError>(())
            })
            .await?;
        self.known().extend(missing);
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<Month>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Month {
    fn of(instant: Timestamp) -> Self {
        Self(instant.to_zoned(TimeZone::UTC).date().first_of_month())
    }

    fn name(self) -> String {
        format!("performance_events_{:04}_{:02}", self.0.year(), self.0.month())
    }

    /// The first instant of the month and that of the next.
    fn bounds(self) -> (i64, i64) {
        let start = |date: Date| {
            let midnight = DateTime::from_parts(date, jiff::civil::Time::midnight());
            midnight.to_zoned(TimeZone::UTC).map(|start| micros(start.timestamp()))
        };
        let next = self.0.saturating_add(1.month());
        (start(self.0).unwrap_or(i64::MIN), start(next).unwrap_or(i64::MAX))
    }

    /// Two nodes may do it at the same time: the second waits for the first, and finds it done.
    async fn provide(self, tx: &DatabaseTransaction) -> Result<(), DatabaseError> {
        let (name, (from, to)) = (self.name(), self.bounds());
        let lock = "LOCK TABLE performance_events IN SHARE UPDATE EXCLUSIVE MODE";
        tx.execute_unprepared(lock).await?;
        let create = format!(
            "CREATE TABLE IF NOT EXISTS {name} PARTITION OF performance_events FOR VALUES FROM ({from}) TO ({to})"
        );
        tx.execute_unprepared(&create).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_named_and_bounded_in_utc() {
        let month = Month::of("2026-12-31T23:59:59.999999Z".parse().unwrap());
        assert_eq!(month.name(), "performance_events_2026_12");
        let micros = |text: &str| micros(text.parse().unwrap());
        assert_eq!(month.bounds(), (micros("2026-12-01T00:00:00Z"), micros("2027-01-01T00:00:00Z")));
    }
}
