use adstead_domain::report::Granularity;
use adstead_domain::{OffsetSpan, Period, ReportQuery};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::database::DatabaseError;
use crate::repositories::entity::value::instant;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// A piece of a report's time in which a period is found by arithmetic: the zone keeps one offset there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    granularity: Granularity,
    offset_micros: i64,
}

impl Span {
    /// The pieces of `query`'s time, in order.
    ///
    /// By them days are those of [`Zone::day_of`](adstead_domain::Zone::day_of) wherever clocks do not go back across
    /// midnight, as they last did in St. John's in 2011.
    pub(super) fn of(query: &ReportQuery) -> Vec<Self> {
        let ReportQuery { range, zone, granularity, .. } = query;
        let (from, to) = (range.from(), range.to());
        let spans = match granularity {
            Granularity::Hour | Granularity::Day => zone.offset_spans(from, to),
            Granularity::Total => vec![OffsetSpan { from, to, offset_seconds: 0 }],
        };
        let piece = |OffsetSpan { from, to, offset_seconds }: OffsetSpan| Self {
            from,
            to,
            granularity: *granularity,
            offset_micros: i64::from(offset_seconds) * SECOND,
        };
        spans.into_iter().map(piece).collect()
    }

    /// What is added to a bucket's start before it is divided by [`unit`](Self::unit): the zone's offset, and a day, so
    /// that nothing since 1970 falls below zero, where engines disagree on the remainder.
    pub(super) fn shift(&self) -> i64 {
        self.offset_micros + DAY
    }

    /// The length of a period in microseconds; nothing where there is only one.
    pub(super) fn unit(&self) -> Option<i64> {
        match self.granularity {
            Granularity::Hour => Some(HOUR),
            Granularity::Day => Some(DAY),
            Granularity::Total => None,
        }
    }

    /// The period whose shifted start is `shifted`.
    pub(super) fn period(&self, shifted: i64) -> Result<Period, DatabaseError> {
        Ok(match self.granularity {
            Granularity::Hour => {
                Period::Hour(instant("performance_rollups.bucket_start", shifted - self.shift())?)
            }
            Granularity::Day => Period::Day(date(shifted / DAY - 1)),
            Granularity::Total => Period::Total,
        })
    }
}

fn date(days_since_1970: i64) -> Date {
    jiff::civil::date(1970, 1, 1).saturating_add(days_since_1970.days())
}

#[cfg(test)]
mod tests {
    use adstead_domain::report::{BUCKET, GroupBy};
    use adstead_domain::{ReportFilter, TimeRange};

    use super::*;
    use crate::repositories::entity::value::micros;

    fn query(zone: &str, from: &str, to: &str, granularity: Granularity) -> ReportQuery {
        ReportQuery {
            range: TimeRange::new(from.parse().unwrap(), to.parse().unwrap()).unwrap(),
            zone: zone.parse().unwrap(),
            granularity,
            group_by: GroupBy::Account,
            filter: ReportFilter::default(),
        }
    }

    /// The period of a bucket, by the arithmetic that the database is given.
    fn period_of(spans: &[Span], bucket: Timestamp) -> Period {
        let span = spans.iter().find(|span| span.from <= bucket && bucket < span.to).unwrap();
        let shifted = micros(bucket) + span.shift();
        span.period(shifted - span.unit().map_or(0, |unit| shifted % unit)).unwrap()
    }

    #[test]
    fn every_bucket_of_two_years_falls_on_the_day_that_the_zone_says() {
        for name in
            ["America/New_York", "America/Santiago", "America/Nuuk", "Africa/Cairo", "Asia/Kolkata", "UTC"]
        {
            let query = query(name, "2024-01-01T00:00Z", "2025-12-31T00:00Z", Granularity::Day);
            let spans = Span::of(&query);
            let mut bucket = query.range.from();
            while bucket < query.range.to() {
                assert_eq!(
                    period_of(&spans, bucket),
                    Period::Day(query.zone.day_of(bucket)),
                    "{bucket} in {name}"
                );
                bucket += BUCKET;
            }
        }
    }

    #[test]
    fn hours_begin_where_the_zone_s_clocks_show_a_full_hour() {
        let query = query("Asia/Kolkata", "2026-01-01T00:00Z", "2026-01-02T00:00Z", Granularity::Hour);
        let spans = Span::of(&query);
        let hour = period_of(&spans, "2026-01-01T10:15Z".parse().unwrap());
        assert_eq!(hour, Period::Hour("2026-01-01T09:30Z".parse().unwrap()));
    }

    #[test]
    fn the_first_hours_of_1970_are_counted_west_of_greenwich() {
        let query = query("America/Los_Angeles", "1970-01-01T00:00Z", "1970-01-02T00:00Z", Granularity::Day);
        let spans = Span::of(&query);
        assert_eq!(period_of(&spans, Timestamp::UNIX_EPOCH), Period::Day(jiff::civil::date(1969, 12, 31)));
    }
}
