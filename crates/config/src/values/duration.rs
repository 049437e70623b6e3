//! Durations as people write them: `250ms`, `30s`, `1h 30m`, `90d`.

use std::time::Duration;

use jiff::SpanRelativeTo;
use jiff::fmt::friendly::{SpanParser, SpanPrinter};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::InvalidValue;

/// Reads a duration such as `30s`. A day is 24 hours.
pub(crate) fn parse(text: &str) -> Result<Duration, InvalidValue> {
    const EXPECTED: &str = "a duration such as 250ms, 30s, 5m, 24h or 90d";
    let span = SpanParser::new().parse_span(text).ok();
    let duration = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    duration
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| InvalidValue::new(EXPECTED, text))
}

/// Writes a duration so that [`parse`] reads it back: in days from the second day on, where they are whole.
pub(crate) fn show(duration: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = duration.as_secs();
    if duration.subsec_nanos() == 0 && seconds.is_multiple_of(DAY) && seconds > DAY {
        return format!("{}d", seconds / DAY);
    }
    SpanPrinter::new().unsigned_duration_to_string(&duration)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, milliseconds: u64) {
        assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        check("250ms", 250);
        check("30s", 30_000);
        check("1.5m", 90_000);
        check("1h 30m", 5_400_000);
        check("24h", 86_400_000);
        check("90d", 7_776_000_000);
        check("0s", 0);
    }

    #[test]
    fn a_duration_needs_a_unit_that_is_always_equally_long() {
        for text in ["", "30", "-1s", "1month", "soon"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(
            parse("soon").unwrap_err().to_string(),
            "expected a duration such as 250ms, 30s, 5m, 24h or 90d, found `soon`"
        );
    }

    #[test]
    fn days_are_shown_where_they_are_whole() {
        let shown = |text: &str| show(parse(text).unwrap());
        assert_eq!([shown("90d"), shown("24h"), shown("1d"), shown("49h")], ["90d", "24h", "24h", "49h"]);
    }

    proptest! {
        #[test]
        fn a_shown_duration_reads_back(milliseconds in 0..1_000_000_000_000_u64) {
            let duration = Duration::from_millis(milliseconds);
            prop_assert_eq!(parse(&show(duration)), Ok(duration));
        }
    }
}
