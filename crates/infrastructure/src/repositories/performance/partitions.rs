//! The partitions of PostgreSQL's raw events: one a month (UTC), so that old ones are dropped at once.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use adstead_domain::PerformanceEvent;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

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

    /// Lets the next events look for their partitions again.
    pub(super) fn forget(&self) {
        self.known().clear();
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<Month>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops the months that ended before the moment; how many events they held.
pub(in crate::repositories) async fn drop_months(
    database: &DatabaseManager,
    before: Timestamp,
) -> Result<u64, DatabaseError> {
    let mut dropped = 0;
    for month in Month::all(database).await? {
        let (_, end) = month.bounds();
        if end <= micros(before) {
            dropped += month.drop(database).await?;
        }
    }
    Ok(dropped)
}

impl Month {
    /// The months for which there are partitions.
    async fn all(database: &DatabaseManager) -> Result<Vec<Self>, DatabaseError> {
        const PARTITIONS: &str =
            "SELECT relname::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
             WHERE inhparent = 'performance_events'::regclass ORDER BY relname";
        database
            .read(async |database| {
                let rows =
                    database.query_all_raw(Statement::from_string(DbBackend::Postgres, PARTITIONS)).await?;
                let mut months = Vec::new();
                for row in rows {
                    months.extend(Self::named(&row.try_get_by_index::<String>(0)?));
                }
                Ok(months)
            })
            .await
    }

    /// Counts the month's events, then drops them: the drop alone keeps recorders waiting.
    async fn drop(self, database: &DatabaseManager) -> Result<u64, DatabaseError> {
        let name = self.name();
        let count = format!("SELECT count(*) FROM {name}");
        let held: i64 = database
            .transaction(async |tx| {
                if !self.is_there_to_drop(tx).await? {
                    return Ok(0);
                }
                let count = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, &count)).await?;
                Ok::<_, DatabaseError>(
                    count.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default(),
                )
            })
            .await?;
        let is_dropped = database
            .transaction(async |tx| {
                if !self.is_there_to_drop(tx).await? {
                    return Ok(false);
                }
                // All who record wait behind one who waits for this lock: rather give up, and try again.
                tx.execute_unprepared("SET LOCAL lock_timeout = '250ms'").await?;
                tx.execute_unprepared(&format!("DROP TABLE {name}")).await?;
                Ok::<_, DatabaseError>(true)
            })
            .await?;
        Ok(if is_dropped { held.unsigned_abs() } else { 0 })
    }

    /// Whether nobody else has dropped the month, or does so until the end of the transaction.
    async fn is_there_to_drop(self, tx: &DatabaseTransaction) -> Result<bool, DatabaseError> {
        const DROPPERS: i64 = 0x6164_0002;
        let query = format!("SELECT pg_advisory_xact_lock({DROPPERS})::text");
        tx.query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await?;
        // A name alone would be looked up in what this connection remembers of before the wait.
        let query = format!(
            "SELECT EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
             WHERE inhparent = 'performance_events'::regclass AND relname = '{}')",
            self.name()
        );
        let row = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
    }

    /// The month whose partition bears the name.
    fn named(name: &str) -> Option<Self> {
        let (year, month) = name.strip_prefix("performance_events_")?.split_once('_')?;
        Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok().map(Self)
    }

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
        assert_eq!(Month::named(&month.name()), Some(month));
        assert_eq!(Month::named("performance_events_old"), None);
        let micros = |text: &str| micros(text.parse().unwrap());
        assert_eq!(month.bounds(), (micros("2026-12-01T00:00:00Z"), micros("2027-01-01T00:00:00Z")));
    }
}
